/** `npm run bench:recovery`: seconds that a job stands still per kind of fault, and torchrun's after a killed worker. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lockstep } from './child.ts';
import { machineText, thisMachine } from './report.ts';
import { median } from './statistics.ts';
import { findTorch } from './torch.ts';
import { measureTorchrun } from './torchrun.ts';

const HELP = `Measures how long a job stands still when a process of it dies, per kind of fault: \`lockstep chaos\` on the digits
example. Beside it torchrun, whose workers all start again when one is killed; LOCKSTEP_BENCH_PYTHON names a Python with
PyTorch, else one is installed once below ~/.cache/lockstep-bench. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench:recovery
  $ npm run bench:recovery -- --repeats 1 --epochs 60 --json recovery.json

Options:
  --repeats <n>  faults of each kind, and kills of torchrun's worker (default: 5)
  --epochs <n>   epochs of the digits example: long enough for every fault (default: 40 for each repeat)
  --workers <n>  workers of the job (default: 2)
  --json <file>  write the figures there
  -h, --help     show this
`;

const OPTIONS = {
  repeats: { type: 'string', default: '5' },
  epochs: { type: 'string' },
  workers: { type: 'string', default: '2' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Kinds of `lockstep chaos`. */
const KINDS = 6;

interface ChaosReport {
  readonly isEqual: boolean;
  readonly stepsLost: number;
  readonly faults: readonly { kind: string; count: number; lostSeconds: number; lostSecondsMax: number }[];
}

/** Runs the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  if (values.help) return void process.stdout.write(HELP);
  const repeats = Number(values.repeats);
  const epochs = values.epochs ?? String(40 * repeats);
  process.stdout.write(machineText(thisMachine()));
  const report = await measureLockstep(repeats, epochs, values.workers);
  for (const { kind, count, lostSeconds, lostSecondsMax } of report.faults) {
    process.stdout.write(row(kind, count, lostSeconds, lostSecondsMax));
  }
  process.stdout.write(`steps computed again ${report.stepsLost}; parameters ${report.isEqual ? 'equal' : 'DIFFER'}\n`);
  const torchrun = await measurePeer(repeats);
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...report, torchrun }, null, 2)}\n`);
}

async function measureLockstep(repeats: number, epochs: string, workers: string): Promise<ChaosReport> {
  process.stderr.write(`lockstep chaos, ${repeats * KINDS} faults\n`);
  const args = ['chaos', 'examples/digits/job.yaml', '--faults', String(repeats * KINDS), '--workers', workers];
  const output = await lockstep([...args, '--set', `train.epochs=${epochs}`, '--json', '--quiet']);
  return JSON.parse(output) as ChaosReport;
}

async function measurePeer(repeats: number): Promise<readonly number[] | null> {
  const { python, missing } = await findTorch();
  if (python === null) {
    process.stdout.write(`torchrun worker-kill: left out, ${missing}\n`);
    return null;
  }
  const seconds: number[] = [];
  for (let index = 0; index < repeats; index++) {
    process.stderr.write(`torchrun, kill ${index + 1} of ${repeats}\n`);
    seconds.push(await measureTorchrun(python));
  }
  process.stdout.write(row('torchrun worker-kill', repeats, median(seconds), Math.max(...seconds)));
  return seconds;
}

function row(kind: string, count: number, seconds: number, most: number): string {
  return `${kind.padEnd(22)} ${String(count).padStart(3)} faults  ${seconds.toFixed(2)} s, at most ${most.toFixed(2)} s\n`;
}
