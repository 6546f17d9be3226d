/** `npm run bench -- --growth`: how a step grows with workers and parameters where the engine computes nothing, and with rows where it does. */
import { writeFile } from 'node:fs/promises';
import type { BenchOptions } from './options.ts';
import { machineText, phasesText, spreadText, thisMachine } from './report.ts';
import { median, spread } from './statistics.ts';
import {
  benchNats,
  type LoopTask,
  measureStepLoop,
  type PreparedStore,
  prepareStore,
  type StepLoopTimes,
} from './step-loop.ts';
import { parameterCount, type Workload } from './workloads.ts';

/** One point of a curve. */
export interface GrowthCase {
  readonly workers: number;
  readonly megabytes: number;
  readonly rowsPerWorker: number;
  readonly engine: 'real' | 'none';
}

/** What grows from one to the next; everything else stays as in the first. */
const BASE: GrowthCase = { workers: 2, megabytes: 1, rowsPerWorker: 8, engine: 'none' };
export const CURVES: Readonly<Record<string, readonly GrowthCase[]>> = {
  workers: [2, 4, 8, 16].map((workers) => ({ ...BASE, workers })),
  parameters: [0.1, 1, 8, 32].map((megabytes) => ({ ...BASE, megabytes })),
  batch: [8, 64, 512].map((rowsPerWorker) => ({ ...BASE, rowsPerWorker, engine: 'real' as const })),
};

const FEATURES = 64;
const WARM_UP = 10;
const STEPS = 100;
const QUICK_STEPS = 20;
const EPOCH_STEPS = 32;

/** A job of the size of a case: one hidden layer of 64 inputs, whose width gives the parameters. */
export function workloadOf({ workers, megabytes, rowsPerWorker }: GrowthCase): Workload {
  // Each hidden unit has its inputs, its bias and its output; one bias is left.
  const hidden = Math.round((megabytes * 1e6) / 4 / (FEATURES + 2));
  return {
    ...{ name: 'growth', title: `MLP ${FEATURES}-${hidden}-1`, features: FEATURES, units: [hidden, 1] },
    ...{ loss: 'binaryCrossEntropy', rowsPerWorker, tableRows: rowsPerWorker * workers * EPOCH_STEPS },
    ...{ lanes: workers, warmUp: WARM_UP, steps: STEPS, quickSteps: QUICK_STEPS },
  };
}

/** Measures every case of every curve in turn, as often as there are repeats, and prints a line for each. */
export async function runGrowth({ links, wires, repeats, isQuick, json }: BenchOptions): Promise<void> {
  const machine = thisMachine();
  process.stdout.write(machineText(machine));
  const way = {
    link: links.includes('network') ? ('network' as const) : (links[0] ?? 'network'),
    wire: wires[0] ?? 'float32',
  };
  const nats = await benchNats();
  const points: { curve: string; at: GrowthCase; prepared: PreparedStore; measured: StepLoopTimes[] }[] = [];
  try {
    for (const [curve, cases] of Object.entries(CURVES)) {
      for (const at of cases) {
        const task: LoopTask = { workload: workloadOf(at), way, workers: at.workers, engine: at.engine };
        points.push({ curve, at, prepared: await prepareStore(nats, task), measured: [] });
      }
    }
    for (let index = 0; index < repeats; index++) {
      for (const { curve, at, prepared, measured } of points) {
        process.stderr.write(`${curve}, ${caseText(at)}, repeat ${index + 1} of ${repeats}\n`);
        measured.push(await measureStepLoop(nats, prepared, isQuick ? QUICK_STEPS : STEPS));
      }
    }
  } finally {
    await nats.stop();
  }
  for (const { curve, at, prepared, measured } of points)
    process.stdout.write(pointText(curve, at, prepared, measured));
  const results = points.map(({ curve, at, measured }) => ({ curve, ...at, measured }));
  if (json !== null) await writeFile(json, `${JSON.stringify({ machine, way, repeats, results })}\n`);
}

function caseText({ workers, megabytes, rowsPerWorker, engine }: GrowthCase): string {
  return `${workers} workers, ${megabytes} MB, ${rowsPerWorker} rows each, ${engine === 'none' ? 'no engine' : 'engine'}`;
}

function pointText(curve: string, at: GrowthCase, { task }: PreparedStore, measured: readonly StepLoopTimes[]): string {
  const phases = Object.keys(measured[0]?.phasesMs ?? {});
  const medians = phases.map((phase) => [phase, median(measured.map(({ phasesMs }) => phasesMs[phase] ?? Number.NaN))]);
  const cpu = median(measured.map(({ cpuSecondsPerStep }) => (cpuSecondsPerStep.coordinator ?? Number.NaN) * 1000));
  return `${curve.padEnd(10)} ${caseText(at)} (${parameterCount(task.workload).toLocaleString('en-US')} parameters)
  step ${spreadText(spread(measured.flatMap(({ stepsMs }) => stepsMs)))}, coordinator's CPU ${cpu.toFixed(2)} ms
  ${phasesText(Object.fromEntries(medians), ['command', 'compute', 'reduce', 'update', 'broadcast', 'other'])}
`;
}
