/**
 * `npm run bench:kernels`: nanoseconds per element of the lane sum and of an update on one thread and on two, beside a
 * plain copy of memory.
 */
import { Worker } from 'node:worker_threads';
import { addInPieces, atOnce, GRADIENT_FORMATS } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import type { ClipOptions } from '../packages/coordinator/src/core/clip.ts';
import { createOptimizer } from '../packages/coordinator/src/core/optimizers/table.ts';
import { type UpdateInput, update, updateRule } from '../packages/coordinator/src/core/update.ts';
import type { ThreadStart } from '../packages/coordinator/src/update-parts.ts';
import { UpdateThreads } from '../packages/coordinator/src/update-threads.ts';
import { median } from './statistics.ts';

/** Parameters of the workloads W2 and W4 (docs/bench.md). */
const LENGTHS: readonly number[] = [1_863_690, 25_175_040];
const REPEATS = 9;
/** Of an update, beside one on the thread that asks. */
const THREADS = 2;
/** Elements that one measurement goes over at least. */
const MEASURED_ELEMENTS = 5e6;

const sgd: OptimizerSpec = { type: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false };
const adam = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const UPDATES: readonly (readonly [string, OptimizerSpec, ClipOptions])[] = [
  ['sgd', sgd, {}],
  ['sgd, global norm', sgd, { globalNorm: 1 }],
  ['momentum', { ...sgd, momentum: 0.9 }, {}],
  ['adam', { type: 'adam', ...adam }, {}],
  ['adamw', { type: 'adamw', ...adam, weightDecay: 0.01 }, {}],
  ['rmsprop', { type: 'rmsprop', learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false }, {}],
];

/** Runs the command line. */
export async function main(): Promise<void> {
  process.stdout.write(
    `${'ns per element'.padEnd(30)}${'elements'.padStart(12)}${'median'.padStart(9)}${`${THREADS} thr.`.padStart(9)}\n`,
  );
  for (const length of LENGTHS) {
    const [left, right] = [values(length, 1), values(length, 2)];
    const report = async (name: string, ...works: readonly Work[]): Promise<void> => {
      const figures = (await nanosecondsPer(length, works)).map((figure) => figure.toFixed(2).padStart(9));
      process.stdout.write(`${name.padEnd(30)}${String(length).padStart(12)}${figures.join('')}\n`);
    };
    const next = new Float32Array(length);
    await report('copy', () => void next.set(left));
    for (const format of Object.values(GRADIENT_FORMATS)) {
      const decoded = values(length, 4);
      const encode = format.encoder(length);
      const range = { start: 0, end: length };
      const bytes = encode(left, range).slice();
      await report(`sum of two lanes, ${format.name}`, () => atOnce(addInPieces(next, right, format)));
      await report(`encode ${format.name}`, () => void encode(left, range));
      await report(`decode ${format.name}`, () => format.decode(bytes, decoded));
    }
    for (const [name, spec, clip] of UPDATES) {
      const { alone, threaded, close } = updateOf(spec, clip, [left, right]);
      await report(`two lanes, ${name}`, alone, threaded);
      close();
    }
  }
}

type Work = () => void | Promise<void>;

/** One update on this thread, and on two others. */
function updateOf(spec: OptimizerSpec, clip: ClipOptions, gradients: readonly [Float32Array, Float32Array]) {
  const elementCount = gradients[0].length;
  const optimizer = createOptimizer(spec, elementCount);
  const rule = updateRule({
    layout: { tensors: [], elementCount },
    regularizers: [],
    clip,
    optimizer,
    format: GRADIENT_FORMATS.float32,
  });
  const entry = new URL('../../packages/coordinator/dist/update-thread.js', import.meta.url);
  const start = (workerData: ThreadStart): Worker => new Worker(entry, { workerData });
  const threads = new UpdateThreads({ rule, optimizer: spec, count: THREADS, start, onEnded: (why) => fail(why) });
  let parameters = values(elementCount, 3);
  let next = new Float32Array(elementCount);
  const input = (): UpdateInput => {
    [parameters, next] = [next, parameters];
    return {
      parameters: next,
      gradients,
      denominator: 512,
      learningRate: spec.learningRate,
      step: 0,
      next: parameters,
    };
  };
  return {
    alone: () => atOnce(update(rule, input())),
    threaded: () => threads.update(input()),
    close: () => threads.close(),
  };
}

function fail(why: string): never {
  throw new Error(`a thread has ended: ${why}`);
}

/** Numbers between -1 and 1, most of them near 0 as in a gradient. */
function values(length: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, index) => ((((index * 7919 + seed * 104_729) % 2003) - 1001) / 1001) ** 3);
}

/** Medians; the works take turns. */
async function nanosecondsPer(length: number, works: readonly Work[]): Promise<number[]> {
  const rounds = Math.ceil(MEASURED_ELEMENTS / length);
  for (let warmUp = 0; warmUp < 2 * rounds; warmUp++) for (const work of works) await work();
  const times = works.map((): number[] => []);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [index, work] of works.entries()) {
      const start = performance.now();
      for (let round = 0; round < rounds; round++) await work();
      times[index]?.push(performance.now() - start);
    }
  }
  return times.map((each) => (median(each) * 1e6) / (rounds * length));
}
