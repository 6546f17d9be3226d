/** `npm run bench:recovery`: seconds that a job stands still per kind of fault, and torchrun's after a killed worker. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lockstep } from './child.ts';
import { findTorch } from './python.ts';
import { machineText, thisMachine } from './report.ts';
import { median } from './statistics.ts';
import { measureTorchrun } from './torchrun.ts';

const HELP = `Measures how long a job stands still when a process of it dies, per kind of fault: \`lockstep chaos\` on the digits
example. Beside it torchrun, whose workers all start again when one is killed; LOCKSTEP_BENCH_PYTHON names a Python with
PyTorch, else one is installed once below ~/.cache/lockstep-bench. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench:recovery
  $ npm run bench:recovery -- --repeats 1 --json recovery.json

Options:
  --repeats <n>  faults of each kind, each time followed by a kill of torchrun's worker (default: 5)
  --epochs <n>   epochs of the digits example: long enough for every fault (default: 40)
  --workers <n>  workers of the job (default: 2)
  --json <file>  write the figures there
  -h, --help     show this
`;

const OPTIONS = {
  repeats: { type: 'string', default: '5' },
  epochs: { type: 'string', default: '40' },
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
  const { python, missing } = await findTorch();
  process.stdout.write(machineText(thisMachine()));
  const reports: ChaosReport[] = [];
  const torchrun: number[] = [];
  for (let seed = 1; seed <= repeats; seed++) {
    process.stderr.write(`repeat ${seed} of ${repeats}\n`);
    reports.push(await measureLockstep(values.epochs, values.workers, seed));
    if (python !== null) torchrun.push(await measureTorchrun(python));
  }
  const kinds = [...new Set(reports.flatMap(({ faults }) => faults.map(({ kind }) => kind)))];
  for (const kind of kinds) {
    const found = reports.flatMap(({ faults }) => faults.filter((fault) => fault.kind === kind));
    process.stdout.write(
      row(
        kind,
        found.map(({ lostSecondsMax }) => lostSecondsMax),
      ),
    );
  }
  process.stdout.write(
    python === null ? `torchrun worker-kill: left out, ${missing}\n` : row('torchrun worker-kill', torchrun),
  );
  const stepsLost = reports.reduce((sum, report) => sum + report.stepsLost, 0);
  const isEqual = reports.every((report) => report.isEqual);
  process.stdout.write(`steps computed again ${stepsLost}; parameters ${isEqual ? 'equal' : 'DIFFER'}\n`);
  if (values.json) await writeFile(values.json, `${JSON.stringify({ reports, torchrun }, null, 2)}\n`);
}

/** One fault of each kind. */
async function measureLockstep(epochs: string, workers: string, seed: number): Promise<ChaosReport> {
  const args = ['chaos', 'examples/digits/job.yaml', '--faults', String(KINDS), '--seed', String(seed)];
  const more = ['--workers', workers, '--set', `train.epochs=${epochs}`, '--json', '--quiet'];
  return JSON.parse(await lockstep([...args, ...more])) as ChaosReport;
}

function row(kind: string, seconds: readonly number[]): string {
  const [middle, most] = [median(seconds), Math.max(...seconds)];
  const count = String(seconds.length).padStart(3);
  return `${kind.padEnd(22)} ${count} faults  ${middle.toFixed(2)} s, at most ${most.toFixed(2)} s\n`;
}
