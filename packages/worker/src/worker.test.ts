import { createEngine, type Engine } from '@lockstep/engine';
import { sharedMemory } from '@lockstep/protocol';
import {
  addInPieces,
  atOnce,
  GRADIENT_FORMATS,
  type GradientFormat,
  type LaneRange,
  LockstepError,
  ReductionTree,
} from '@lockstep/protocol/core';
import type { LayerSpec } from '@lockstep/spec';
import { type Logger, pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ShardCache } from './adapters/shard-cache.js';
import { WorkerMetrics } from './metrics.js';
import { type RangeResult, TestCoordinator, type TestJob } from './testing/coordinator.js';
import { Worker } from './worker.js';

const dense = (units: number, activation: 'relu' | 'sigmoid'): LayerSpec => ({
  ...{ type: 'dense', units, activation, useBias: true },
  ...{ kernelInitializer: 'glorotUniform', biasInitializer: 'zeros' },
});
const JOB: TestJob = {
  layers: [dense(9, 'relu'), { type: 'dropout', rate: 0.25 }, dense(1, 'sigmoid')],
  ...{ featureWidth: 5, rowCount: 50, batchSize: 21, lanes: 4, shardRows: 16 },
};

async function startWorker(
  port: number,
  name: string,
  replicas = 1,
  alter: (engine: Engine) => void = () => {},
  logger: Logger = pino({ level: process.env.LOCKSTEP_TEST_LOG ?? 'silent' }),
): Promise<{ worker: Worker; exit: Promise<number>; metrics: WorkerMetrics }> {
  const engine = await createEngine({ device: 'cpu' });
  alter(engine);
  const metrics = new WorkerMetrics(name, '0.0.0');
  const worker = new Worker({
    ...{ server: `127.0.0.1:${port}`, access: {}, join: { workerName: name, replicas }, engine, metrics },
    cache: new ShardCache(1e9),
    memory: sharedMemory,
    clock: { nowMs: () => performance.now() },
    logger,
  });
  const exit = worker.run();
  exit.catch(() => {});
  onTestFinished(async () => {
    worker.stop(0);
    await exit.catch(() => {});
    await engine.close();
  });
  return { worker, exit, metrics };
}

async function startCoordinator(job: TestJob = JOB): Promise<TestCoordinator> {
  const coordinator = new TestCoordinator(job);
  await coordinator.start();
  return coordinator;
}

/** Gradients that a worker makes memory for, to compute all lanes of a job and send these ranges. */
async function vectorsOf(
  lanes: number,
  gradients: NonNullable<TestJob['gradients']>,
  ranges: readonly LaneRange[],
): Promise<number> {
  const coordinator = await startCoordinator({ ...JOB, batchSize: lanes, rowCount: 64, lanes, gradients });
  const { elementCount } = coordinator.model.layout;
  let made = 0;
  await startWorker(coordinator.port, 'a', 1, (engine) => {
    const allocate = engine.allocate.bind(engine);
    engine.allocate = ((type: 'float32', count: number) => {
      if (count === elementCount) made++;
      return allocate(type, count);
    }) as Engine['allocate'];
  });
  const stream = await coordinator.ready(0);
  await coordinator.publish(0);
  const before = made;
  coordinator.command(
    stream,
    Array.from({ length: lanes }, (_, lane) => lane),
  );
  const sent = (): LaneRange[] =>
    stream.received.flatMap(({ gradient }) =>
      gradient?.sums ? [{ first: gradient.firstLane, end: gradient.endLane }] : [],
    );
  await coordinator.until(() => sent().length === ranges.length);
  expect(sent()).toEqual(ranges);
  return made - before;
}

function sumOf(left: Float32Array, right: Float32Array, format: GradientFormat): Float32Array {
  atOnce(addInPieces(left, right, format));
  return left;
}

/** What the coordinator's tree makes of ranges from any workers. */
function reduce(
  ranges: readonly RangeResult[],
  lanes: number,
  format = GRADIENT_FORMATS.float32,
): { gradient: Buffer; loss: number; denominator: number } {
  const tree = new ReductionTree<RangeResult>(
    lanes,
    () => false,
    (left, right) => ({
      ...left,
      gradient: sumOf(left.gradient, right.gradient, format),
      sums: {
        ...left.sums,
        loss: left.sums.loss + right.sums.loss,
        denominator: left.sums.denominator + right.sums.denominator,
      },
    }),
  );
  for (const range of ranges) tree.addLane(range, range);
  const total = tree.total;
  if (!total) throw new Error('lanes are missing');
  const { loss, denominator } = total.sums;
  return { gradient: Buffer.from(total.gradient.buffer), loss, denominator };
}

describe('a worker', () => {
  it.each(Object.values(GRADIENT_FORMATS))(
    'computes the same bits for any division of the lanes, in $name',
    async (format) => {
      const coordinator = await startCoordinator({ ...JOB, gradients: format.name });
      await startWorker(coordinator.port, 'a');
      await startWorker(coordinator.port, 'b');
      const [a, b] = [await coordinator.ready(0), await coordinator.ready(1)];
      await coordinator.publish(0);
      const results = [];
      for (const [ofA, ofB] of [
        [[0, 1, 2, 3], []],
        [
          [0, 1],
          [2, 3],
        ],
        [
          [0, 3],
          [1, 2],
        ],
        [[2], [0, 1, 3]],
      ] as const) {
        a.received.length = 0;
        b.received.length = 0;
        coordinator.command(a, [...ofA]);
        if (ofB.length > 0) coordinator.command(b, [...ofB]);
        const ranges = (): RangeResult[] => [...coordinator.ranges(a), ...coordinator.ranges(b)];
        await coordinator.until(() => ranges().reduce((sum, { first, end }) => sum + end - first, 0) === JOB.lanes);
        const sent = [...a.received, ...b.received].reduce(
          (sum, { gradient }) => sum + (gradient?.data.length ?? 0),
          0,
        );
        const { elementCount } = coordinator.model.layout;
        const isTotal = ofB.length === 0;
        expect(sent).toBe(ranges().length * elementCount * (isTotal ? 4 : format.elementBytes));
        results.push(reduce(ranges(), JOB.lanes, format));
      }
      for (const result of results) expect(result).toEqual(results[0]);
      expect(results[0]?.gradient.some((byte) => byte !== 0)).toBe(true);
      // 21 rows, whatever they weigh.
      expect(results[0]?.denominator).toBe(21);
      expect(coordinator.refetches).toBe(0);
    },
  );

  it('holds a vector more for twice the lanes, and sends one sum of them all', async () => {
    const vectors = (lanes: number): Promise<number> => vectorsOf(lanes, 'float32', [{ first: 0, end: lanes }]);
    expect([await vectors(4), await vectors(8), await vectors(32)]).toEqual([3, 4, 6]);
  });

  it('holds two vectors for any number of lanes whose codes travel', async () => {
    const each = (lanes: number) => Array.from({ length: lanes }, (_, lane) => ({ first: lane, end: lane + 1 }));
    const vectors = (lanes: number): Promise<number> => vectorsOf(lanes, 'int8', each(lanes));
    expect([await vectors(1), await vectors(2), await vectors(3)]).toEqual([1, 2, 2]);
  });

  it.each(Object.values(GRADIENT_FORMATS))(
    'computes the same bits with any number of replicas, in $name',
    async ({ name }) => {
      const job = { ...JOB, batchSize: 42, lanes: 7, gradients: name };
      const results = [];
      for (const replicas of [1, 2, 3, 4]) {
        const coordinator = await startCoordinator(job);
        const { metrics } = await startWorker(coordinator.port, 'a', replicas);
        const stream = await coordinator.ready(0);
        expect(coordinator.joins[0]?.replicas).toBe(replicas);
        await coordinator.publish(0);
        coordinator.command(stream, [1, 2, 3, 4, 5, 6]);
        const ranges = await coordinator.until(() => {
          const found = coordinator.ranges(stream);
          return found.length === 3 ? found : undefined;
        });
        expect(ranges.map(({ first, end }) => [first, end])).toEqual([
          [1, 2],
          [2, 4],
          [4, 7],
        ]);
        const { gradient, sums } = ranges[2] as RangeResult;
        results.push({ gradient: Buffer.from(gradient.buffer), loss: sums.loss, denominator: sums.denominator });
        await vi.waitFor(async () => {
          expect(await metrics.registry.metrics()).toMatch(/lanes\w*\{[^}]*\} 6\n/);
        });
      }
      for (const result of results) expect(result).toEqual(results[0]);
    },
  );

  it('fails the lane of a replica that fails, logs job, step and code, and computes it when it is told again', async () => {
    const coordinator = await startCoordinator();
    const lines: unknown[] = [];
    const breakSecond = (engine: Engine): void => {
      const create = engine.createSession.bind(engine);
      let sessions = 0;
      vi.spyOn(engine, 'createSession').mockImplementation(async (...args) => {
        const isSecond = ++sessions === 2;
        const session = await create(...args);
        const broken = new LockstepError('ENGINE_RUN_FAILED', { message: 'a replica broke' });
        if (isSecond) vi.spyOn(session, 'run').mockRejectedValueOnce(broken);
        return session;
      });
    };
    const logger = pino({ level: 'error' }, { write: (line) => void lines.push(JSON.parse(line)) });
    await startWorker(coordinator.port, 'a', 2, breakSecond, logger);
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    coordinator.command(stream, [0, 1, 2, 3]);
    const { laneFailed } = await coordinator.until(() => stream.received.find((message) => message.laneFailed));
    expect(laneFailed?.lanes).toEqual([0, 1, 2, 3]);
    expect(laneFailed?.failure?.message).toContain('a replica broke');
    const { jobId: job, step = -1 } = laneFailed ?? {};
    expect(lines).toEqual([
      expect.objectContaining({ job, step: Number(step), what: 'lanes', code: 'ENGINE_RUN_FAILED' }),
    ]);
    expect(coordinator.ranges(stream)).toEqual([]);
    coordinator.command(stream, [0, 1, 2, 3]);
    expect(await coordinator.until(() => coordinator.ranges(stream)[0])).toMatchObject({ first: 0, end: 4 });
  });

  it('uses the memory of lanes that were done before another one failed again', async () => {
    const coordinator = await startCoordinator();
    const allocated: number[] = [];
    let allocations = (): number => 0;
    await startWorker(coordinator.port, 'a', 2, (engine) => {
      const create = engine.createSession.bind(engine);
      let sessions = 0;
      const { mock } = vi.spyOn(engine, 'allocate');
      allocations = () => mock.calls.length;
      vi.spyOn(engine, 'createSession').mockImplementation(async (...args) => {
        const isSecond = ++sessions === 2;
        const session = await create(...args);
        const broken = new LockstepError('ENGINE_RUN_FAILED', { message: 'a replica broke' });
        if (isSecond) vi.spyOn(session, 'run').mockRejectedValue(broken);
        return session;
      });
    });
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    const failures = (): number => stream.received.filter((message) => message.laneFailed).length;
    for (let tries = 1; tries <= 4; tries++) {
      coordinator.command(stream, [0, 1, 2, 3]);
      await coordinator.until(() => (failures() === tries ? true : undefined));
      allocated.push(allocations());
    }
    expect(allocated).toEqual(allocated.map(() => allocated[0]));
  });

  it('makes masks by position in the global batch, so that the number of lanes changes no more than rounding', async () => {
    const gradients = [];
    for (const lanes of [1, 4]) {
      const coordinator = await startCoordinator({ ...JOB, lanes });
      await startWorker(coordinator.port, 'a');
      const stream = await coordinator.ready(0);
      await coordinator.publish(0);
      coordinator.command(stream, [0, 1, 2, 3].slice(0, lanes));
      gradients.push((await coordinator.until(() => coordinator.ranges(stream)[0])).gradient);
    }
    const [one, four] = gradients as [Float32Array, Float32Array];
    expect(one.some((value) => Math.abs(value) > 0.1)).toBe(true);
    for (const [index, value] of one.entries()) expect(four[index]).toBeCloseTo(value, 4);
  });

  it('gives the gradient of the weighted loss', async () => {
    const job = { ...JOB, layers: [dense(4, 'sigmoid'), dense(1, 'sigmoid')], lanes: 1 };
    const coordinator = await startCoordinator(job);
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    const run = async (version: number): Promise<RangeResult> => {
      await coordinator.publish(version);
      coordinator.command(stream, [0], { version });
      return coordinator.until(() => coordinator.ranges(stream)[version]);
    };
    const { gradient } = await run(0);
    const step = 1e-2;
    for (const [index, element] of [0, 7, 16].entries()) {
      const kept = coordinator.parameters[element] as number;
      coordinator.parameters[element] = kept + step;
      const above = (await run(1 + 2 * index)).sums.loss;
      coordinator.parameters[element] = kept - step;
      const below = (await run(2 + 2 * index)).sums.loss;
      coordinator.parameters[element] = kept;
      expect(gradient[element]).toBeCloseTo((above - below) / (2 * step), 2);
    }
  });

  it('skips lanes without rows and the steps the coordinator has left behind', async () => {
    const coordinator = await startCoordinator({ ...JOB, batchSize: 2, lanes: 4 });
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    // Two rows in four lanes: lanes 1 and 3 have one each.
    coordinator.command(stream, [1, 3]);
    const [range] = await coordinator.until(() => coordinator.ranges(stream).length > 0 && coordinator.ranges(stream));
    expect(range).toMatchObject({ first: 0, end: 4, sums: { rows: 2 } });
    let release: () => void = () => {};
    coordinator.holdParameters = new Promise((resolve) => {
      release = resolve;
    });
    coordinator.command(stream, [1], { step: 1, version: 1 });
    coordinator.command(stream, [1], { step: 2, version: 2 });
    coordinator.command(stream, [1], { step: 3, version: 3 });
    await coordinator.until(() => coordinator.refetches > 0);
    release();
    await coordinator.until(() => stream.received.some((message) => message.gradient?.step === 3));
    expect(stream.received.map((message) => message.gradient?.step)).not.toContain(2);
    // A step that is computed again after a rewind is no old one.
    coordinator.command(stream, [1], { step: 2, version: 4 });
    await coordinator.until(() => stream.received.some((message) => message.gradient?.step === 2));
  });

  it('evaluates validation rows in chunks and says how many answers were right', async () => {
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    coordinator.evaluate(stream, 'VALIDATION', [0, 6]);
    const results = await coordinator.until(
      () => coordinator.evaluations(stream).length === 2 && coordinator.evaluations(stream),
    );
    const chunks = results.flatMap((result) => result.chunks);
    expect(chunks.map(({ chunk, rows }) => [chunk, rows])).toEqual([
      [0, 8],
      [6, 2],
    ]);
    expect(chunks[0]?.weight).toBe(8);
    expect(chunks[0]?.loss).toBeGreaterThan(0);
    coordinator.evaluate(stream, 'VALIDATION', [7]);
    const last = await coordinator.until(() => coordinator.evaluations(stream)[2]);
    expect(last.failure?.message).toContain('no evaluation chunk 7');
  });

  it('tests the exported model on raw rows and says how far it is from training', async () => {
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    const run = async (sha256: string, count: number) => {
      coordinator.evaluate(stream, 'TEST', [0, 1, 2, 3, 4, 5, 6], sha256);
      const results = await coordinator.until(
        () => coordinator.evaluations(stream).length === count && coordinator.evaluations(stream).slice(count - 7),
      );
      return results.flatMap((result) => result.chunks);
    };
    const chunks = await run(coordinator.exportModel(JOB), 7);
    const outputs = chunks.flatMap(({ outputs }) => [...new Float32Array(new Uint8Array(outputs).buffer)]);
    expect(outputs).toHaveLength(JOB.rowCount);
    expect(outputs.every((value) => value > 0 && value < 1)).toBe(true);
    expect(Math.max(...chunks.map(({ difference }) => difference))).toBeLessThan(1e-6);
    const targets = chunks.flatMap(({ targets }) => [...new Float32Array(new Uint8Array(targets).buffer)]);
    const right = outputs.map((value, row) => (Number(value >= 0.5) === targets[row] ? 1 : 0));
    expect(chunks.reduce((sum, { metric }) => sum + metric, 0)).toBe(right.reduce<number>((sum, one) => sum + one, 0));
    // A model of other parameters is noticed.
    (coordinator.parameters as Float32Array).fill(0.5);
    const other = await run(coordinator.exportModel(JOB), 14);
    expect(Math.max(...other.map(({ difference }) => difference))).toBeGreaterThan(0.01);
  });

  it('leaves in order when told to stop', async () => {
    const coordinator = await startCoordinator();
    const { worker, exit } = await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    worker.stop(0);
    expect(await exit).toBe(0);
    expect(stream.received.at(-1)?.bye?.reason).toBe('the worker was told to stop');
  });

  it('says in its heartbeats what it is at, until it has answered', async () => {
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    const newest = () => coordinator.heartbeats.at(-1)?.activity;
    expect(newest() ?? null).toBeNull();
    let release: () => void = () => {};
    coordinator.holdParameters = new Promise((resolve) => {
      release = resolve;
    });
    coordinator.command(stream, [1, 2], { step: 1, version: 1 });
    const waits = await coordinator.until(newest);
    expect(waits).toMatchObject({ jobId: 'job-1', step: 1, lanes: [1, 2], phase: 'parameters' });
    const later = await coordinator.until(() => (newest()?.phaseMs ?? 0) > waits.phaseMs && newest());
    expect(later).toEqual({ ...waits, phaseMs: later.phaseMs });
    release();
    await coordinator.until(() => newest() === null);
    expect(coordinator.ranges(stream)).toHaveLength(2);
  });

  it('sends heartbeats and joins again as a new incarnation when its stream is cut', async () => {
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    const first = await coordinator.ready(0);
    await coordinator.until(() => coordinator.heartbeats.length >= 2);
    expect(coordinator.heartbeats[0]).toMatchObject({ workerId: 'a', incarnation: 1 });
    first.cut();
    const second = await coordinator.ready(1);
    expect(second.incarnation).toBe(2);
    await coordinator.publish(0);
    coordinator.command(second, [0, 1, 2, 3]);
    await coordinator.until(() => coordinator.ranges(second).length === 1);
  });

  it('finds a restarted coordinator on the same address', async () => {
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    await coordinator.ready(0);
    await coordinator.stop();
    const successor = new TestCoordinator(JOB);
    await successor.start(coordinator.port);
    const stream = await successor.ready(0);
    await successor.publish(0);
    successor.command(stream, [0, 1, 2, 3]);
    await successor.until(() => successor.ranges(stream).length === 1);
  });

  it('fetches parameters that were broadcast before it listened', async () => {
    const coordinator = await startCoordinator();
    await coordinator.publish(0);
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    coordinator.command(stream, [0, 1, 2, 3]);
    await coordinator.until(() => coordinator.ranges(stream).length === 1);
    expect(coordinator.refetches).toBe(1);
  });

  it('reports a damaged shard as a failure of the job', async () => {
    const coordinator = await startCoordinator();
    coordinator.files.set('train-16', new Uint8Array(2_500));
    await startWorker(coordinator.port, 'a');
    await expect(coordinator.ready(0)).rejects.toThrow('SHARD_DAMAGED: train-16');
  });

  it('refuses a job whose vectors do not fit its memory', async () => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(100);
    onTestFinished(() => void vi.restoreAllMocks());
    const coordinator = await startCoordinator();
    await startWorker(coordinator.port, 'a');
    await expect(coordinator.ready(0)).rejects.toThrow(
      /LIMIT_EXCEEDED: A worker needs at least .* \(2 parameters \+ 2 gradient vectors\)/,
    );
  });

  it('refuses lanes whose residuals do not fit its memory, and takes fewer of them', async () => {
    const coordinator = await startCoordinator({ ...JOB, gradients: 'int8' });
    const vectorBytes = 4 * coordinator.model.layout.elementCount;
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(7 * vectorBytes);
    onTestFinished(() => void vi.restoreAllMocks());
    await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    coordinator.command(stream, [0, 1]);
    const { laneFailed } = await coordinator.until(() => stream.received.find((message) => message.laneFailed));
    expect(laneFailed?.failure).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('(2 parameters + 2 gradient + 4 residual vectors)'),
    });
    coordinator.command(stream, [0]);
    await coordinator.until(() => stream.received.find((message) => message.gradient?.sums));
  });

  it('ends with the error of a coordinator that refuses it', async () => {
    const coordinator = await startCoordinator();
    coordinator.refuseJoin = new LockstepError('NUMERIC_CLASS_MISMATCH', { message: 'another class' });
    const { exit } = await startWorker(coordinator.port, 'a');
    await expect(exit).rejects.toMatchObject({ code: 'NUMERIC_CLASS_MISMATCH', message: 'another class' });
  });

  it('counts its phases, lanes and bytes', async () => {
    const coordinator = await startCoordinator();
    const { metrics } = await startWorker(coordinator.port, 'a');
    const stream = await coordinator.ready(0);
    await coordinator.publish(0);
    coordinator.command(stream, [0, 1, 2, 3]);
    await coordinator.until(() => coordinator.ranges(stream).length === 1);
    const text = await metrics.registry.metrics();
    expect(text).toContain('lockstep_lanes_computed_total{worker="a"} 4');
    expect(text).toContain('lockstep_step_phase_seconds_count{phase="compute",worker="a"} 4');
    expect(text).toContain('lockstep_step_phase_seconds_count{phase="wait_parameters",worker="a"} 1');
    expect(text).toMatch(/lockstep_transport_bytes_total\{transport="nats",direction="in"\} [1-9]/);
  });
});
