/** Updates on threads: the bits of one thread, also where threads end. */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { atOnce, GRADIENT_FORMATS, type GradientFormat, layoutParameters } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClipOptions } from './core/clip.js';
import { createOptimizer } from './core/optimizers/table.js';
import { type UpdateInput, type UpdateRule, update, updateRule } from './core/update.js';
import { PART_ELEMENTS } from './core/update-pass.js';
import type { ThreadStart } from './update-parts.js';
import { startThread, UpdateThreads } from './update-threads.js';
import { threadCount, threadedUpdater } from './updater.js';

const layout = layoutParameters([
  { name: 'a/kernel', shape: [5, PART_ELEMENTS], trainable: true },
  { name: 'a/bias', shape: [1001], trainable: true },
]);
const COUNT = layout.elementCount;
const sgd: OptimizerSpec = { type: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false };
const adam: OptimizerSpec = { type: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const STEPS = 3;

function numbers(seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: COUNT },
    (_, index) => ((((index * 7919 + seed * 104_729) % 2003) - 1001) / 1001) ** 5,
  );
}

function ruleOf(optimizer: OptimizerSpec, clip: ClipOptions = {}, format = GRADIENT_FORMATS.float32): UpdateRule {
  const regularizers = [{ tensor: 'a/bias', l1: 0.25, l2: 0.01 }];
  return updateRule({ layout, regularizers, clip, optimizer: createOptimizer(optimizer, COUNT), format });
}

/** Parameters and state after some steps. @param isInPlace whether a gradient lies where the next version comes */
async function afterSteps(
  rule: UpdateRule,
  step: (input: UpdateInput) => Promise<void> | void,
  isInPlace = false,
): Promise<string[]> {
  let [parameters, next]: [Float32Array, Float32Array] = [numbers(0), new Float32Array(COUNT)];
  for (let at = 0; at < STEPS; at++) {
    const gradients = [numbers(2 * at + 1), numbers(2 * at + 2)];
    if (isInPlace) next = gradients[0] as Float32Array;
    await step({ parameters, gradients, denominator: 7, learningRate: 0.1, step: at, next });
    [parameters, next] = [next, parameters];
  }
  return [parameters, ...Object.values(rule.optimizer.state().vectors)].map((vector) =>
    createHash('sha256').update(vector).digest('hex'),
  );
}

function onOneThread(...options: Parameters<typeof ruleOf>): Promise<string[]> {
  const rule = ruleOf(...options);
  return afterSteps(rule, (input) => atOnce(update(rule, input)));
}

interface Started {
  readonly threads: UpdateThreads;
  readonly workers: readonly Worker[];
  readonly ends: string[];
}

function threadsOf(
  rule: UpdateRule,
  optimizer: OptimizerSpec,
  start: (task: ThreadStart, index: number) => Worker = startThread,
): Started {
  const [workers, ends]: [Worker[], string[]] = [[], []];
  const threads = new UpdateThreads({
    ...{ rule, optimizer, count: 2, onEnded: (why: string) => void ends.push(why) },
    start: (task) => {
      const worker = start(task, workers.length);
      workers.push(worker);
      return worker;
    },
  });
  onTestFinished(() => threads.close());
  return { threads, workers, ends };
}

/** A thread that ends inside the first part. */
function endingThread(workerData: ThreadStart): Worker {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.on('message', () => {
      Atomics.store(workerData.parts, 1 + Atomics.add(workerData.parts, 0, 1), 1);
      process.exit(3);
    });`;
  return new Worker(code, { eval: true, workerData });
}

describe('updates on threads', () => {
  it.each<[string, OptimizerSpec, ClipOptions, GradientFormat]>([
    ['sgd', sgd, {}, GRADIENT_FORMATS.float32],
    ['sgd, norm', sgd, { globalNorm: 1, value: 0.5 }, GRADIENT_FORMATS.float32],
    ['adam', adam, {}, GRADIENT_FORMATS.float32],
    ['adam, norm', adam, { globalNorm: 1 }, GRADIENT_FORMATS.float32],
    ['adam, bfloat16', adam, {}, GRADIENT_FORMATS.bfloat16],
  ])('have the bits of one thread: %s', async (_, optimizer, clip, format) => {
    const rule = ruleOf(optimizer, clip, format);
    const { threads } = threadsOf(rule, optimizer);
    const expected = await onOneThread(optimizer, clip, format);
    expect(await afterSteps(rule, (input) => threads.update(input))).toEqual(expected);
    const again = ruleOf(optimizer, clip, format);
    const inPlace = threadsOf(again, optimizer).threads;
    expect(await afterSteps(again, (input) => inPlace.update(input), true)).toEqual(expected);
    expect(threads.areWhole && inPlace.areWhole).toBe(true);
  });

  it('name what is not finite as one thread does, and leave the optimizer as it was', async () => {
    const rule = ruleOf(adam);
    const { threads } = threadsOf(rule, adam);
    const gradient = numbers(1);
    gradient[4 * PART_ELEMENTS + 17] = Number.NaN;
    gradient[COUNT - 20] = Number.POSITIVE_INFINITY;
    const input = { parameters: numbers(0), gradients: [gradient], denominator: 1, learningRate: 1, step: 4 };
    await expect(threads.update({ ...input, next: new Float32Array(COUNT) })).rejects.toMatchObject({
      ...{ code: 'NUMERICS_NOT_FINITE', field: 'a/kernel', value: 'NaN' },
    });
    expect(Object.values(rule.optimizer.state().vectors).every((vector) => vector.every((value) => value === 0))).toBe(
      true,
    );
  });

  it.each([
    ['one', 1],
    ['all', 2],
  ])('go on without %s that ended inside a part', async (_, count) => {
    const rule = ruleOf(sgd, { globalNorm: 1 });
    const { threads, ends } = threadsOf(rule, sgd, (task, index) =>
      index < count ? endingThread(task) : startThread(task),
    );
    const updater = threadedUpdater(Promise.resolve(threads), rule);
    expect(await afterSteps(rule, (input) => updater.update(input))).toEqual(await onOneThread(sgd, { globalNorm: 1 }));
    expect(threads.areWhole).toBe(false);
    expect(ends).toEqual(['exit code 3']);
  });

  it('go on without one that cannot start, or ends between two steps', async () => {
    const rule = ruleOf(adam);
    const { threads, workers } = threadsOf(rule, adam, (task, index) =>
      index === 0 ? new Worker('throw new Error("no")', { eval: true }) : startThread(task),
    );
    const updater = threadedUpdater(Promise.resolve(threads), rule);
    const bits = await afterSteps(rule, async (input) => {
      await updater.update(input);
      await workers[1]!.terminate();
    });
    expect(bits).toEqual(await onOneThread(adam));
    expect(threads.areWhole).toBe(false);
  });

  it.each<[string, OptimizerSpec, ClipOptions, boolean]>([
    ['write the state', adam, { globalNorm: 1 }, false],
    ['write over a gradient', sgd, {}, true],
  ])('say so where one ended inside a part that had begun to %s', async (_, optimizer, clip, isInPlace) => {
    const rule = ruleOf(optimizer, clip);
    let tasks = 0;
    const { threads } = threadsOf(rule, optimizer, (task) => {
      const worker = startThread(task);
      const post = worker.postMessage.bind(worker);
      // The second pass of a step writes; whichever thread is first is gone then, with a part begun.
      worker.postMessage = (message) => {
        if (++tasks === 3) {
          Atomics.store(task.parts, 1 + Atomics.add(task.parts, 0, 1), 1);
          void worker.terminate();
        } else post(message);
      };
      return worker;
    });
    await expect(afterSteps(rule, (input) => threads.update(input), isInPlace)).rejects.toMatchObject({
      code: 'UPDATE_INTERRUPTED',
    });
  });
});

describe('the threads of an update', () => {
  it('are as many as cores and four at most, where the model is large and there are several cores', () => {
    expect([1, 2, 3, 4, 64].map((cores) => threadCount(2 ** 22, cores))).toEqual([0, 2, 3, 4, 4]);
    expect(threadCount(2 ** 22 - 1, 4)).toBe(0);
  });

  it('are none where their library is not there', async () => {
    const rule = ruleOf(sgd);
    const updater = threadedUpdater(Promise.resolve(null), rule);
    expect(await afterSteps(rule, (input) => updater.update(input))).toEqual(await onOneThread(sgd));
    updater.close();
  });
});
