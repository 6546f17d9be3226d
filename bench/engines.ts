/** Forward and backward on each engine of this machine, in turn: `npm run bench:engines`. */
import { parseArgs } from 'node:util';
import { createEngine, type EngineOptions } from '@lockstep/engine';
import { prepareLane, repeat } from './lane.ts';
import { machineText, thisMachine } from './report.ts';
import { median } from './statistics.ts';
import { WORKLOADS } from './workloads.ts';

const HELP = `Computes one lane of each workload on every engine that is installed, one after another, in rounds.

Examples:
  $ lockstep engines install tfjs && npm run bench:engines
  $ npm run bench:engines -- --workloads w1 --rounds 9

Options:
  --workloads <names>  w1, w2 or w4, or several with commas (default: w1,w2)
  --rounds <n>         rounds of all engines (default: 5)
  -h, --help           show this
`;
const ENGINES: Readonly<Record<string, EngineOptions>> = {
  onnxruntime: {},
  'tfjs, TensorFlow': { engine: 'tfjs', backend: 'tensorflow', device: 'cpu' },
  'tfjs, JavaScript': { engine: 'tfjs', backend: 'cpu' },
};
const REFERENCE = 'onnxruntime';
/** Time of one engine in one round; a slower one runs once. */
const ROUND_MS = 1500;
const WARM_UP_MS = 500;

/** Runs the bench. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      workloads: { type: 'string', default: 'w1,w2' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  process.stdout.write(machineText(thisMachine()));
  for (const name of values.workloads.split(',')) await measure(name, Number(values.rounds));
}

async function measure(name: string, rounds: number): Promise<void> {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`There is no workload ${name}.`);
  const lanes: { title: string; run: () => Promise<void>; mediansMs: number[] }[] = [];
  for (const [title, options] of Object.entries(ENGINES)) {
    const engine = await createEngine(options).catch((why: Error) => why);
    if (engine instanceof Error) process.stdout.write(`${name} ${title}: ${engine.message}\n`);
    else lanes.push({ title, run: await prepareLane(engine, workload), mediansMs: [] });
  }
  for (const { run } of lanes) await repeat(run, WARM_UP_MS);
  for (let round = 0; round < rounds; round++) {
    for (const { run, mediansMs } of lanes) mediansMs.push(median(await repeat(run, ROUND_MS)));
  }
  const reference = lanes.find(({ title }) => title === REFERENCE)?.mediansMs ?? [];
  for (const { title, mediansMs } of lanes) {
    const ratio = median(mediansMs.map((milliseconds, round) => milliseconds / (reference[round] ?? Number.NaN)));
    process.stdout.write(`${name} ${title}: ${median(mediansMs).toFixed(3)} ms, ${ratio.toFixed(1)} x ${REFERENCE}\n`);
  }
}
