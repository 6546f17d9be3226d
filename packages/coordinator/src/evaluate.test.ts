/** Tests of an evaluation: chunks over workers, and answers that must not count. */
import type { ChunkResult__Output, EvaluateCommand, EvaluationResult__Output, TrainResponse } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Crew } from './crew.js';
import { type EvaluationRequest, evaluate, meanOfChunks } from './evaluate.js';
import { EVALUATION_CHUNK_ROWS, LANE_PATIENCE_MS } from './limits.js';
import { ParameterVersions } from './parameter-versions.js';
import type { WorkerEvent, WorkerSession } from './ports.js';

const ROWS = EVALUATION_CHUNK_ROWS * 5 + 7;
const VALIDATION: EvaluationRequest = { id: 9, source: 'EVALUATION_SOURCE_VALIDATION', rowCount: ROWS };

/** Workers in memory, and an evaluation that they were asked for. */
class Scene {
  readonly sessions: WorkerSession[] = [];
  readonly commands: { worker: number; command: EvaluateCommand }[] = [];
  readonly cancellation = new AbortController();
  readonly clock = { nowMs: () => Date.now(), unixSeconds: () => 0 };
  readonly crew: Crew;
  #tell: (event: WorkerEvent) => void = () => {};

  constructor(workers: number) {
    const pool = {
      sessions: this.sessions,
      listen: (listener: (event: WorkerEvent) => void) => {
        this.#tell = listener;
        return () => {};
      },
    };
    this.crew = new Crew({ pool, plan: { jobId: 'job' }, size: 9, numericClass: '', onChange: () => {} });
    for (let worker = 0; worker < workers; worker++) this.attach();
  }

  attach(): void {
    const worker = this.sessions.length;
    const session: WorkerSession = {
      ...{ key: { workerId: `w${worker}`, incarnation: 1 }, numericClass: 'a', reproducible: true },
      send: ({ evaluate: command }: TrainResponse) => void (command && this.commands.push({ worker, command })),
      end: (why) => this.lose(worker, why),
    };
    this.sessions.push(session);
    this.#tell({ type: 'attached', session });
    this.#message(worker, { jobReady: { jobId: 'job', failure: null } });
  }

  lose(worker: number, why = 'cut'): void {
    this.#tell({ type: 'detached', session: this.sessions[worker]!, why });
  }

  evaluate(request: EvaluationRequest): Promise<readonly ChunkResult__Output[]> {
    const versions = new ParameterVersions(
      1,
      { version: 0, parameters: new Float32Array(16) },
      { publish: async () => ({ digest: 1, bytes: 0 }) },
      () => {},
    );
    const signal = this.cancellation.signal;
    return evaluate(request, {
      jobId: 'job',
      leadershipEpoch: 1,
      crew: this.crew,
      versions,
      clock: this.clock,
      signal,
    });
  }

  answer(
    index: number,
    change: Partial<EvaluationResult__Output> = {},
    chunk: Partial<ChunkResult__Output> = {},
  ): void {
    const { worker, command } = this.commands[index]!;
    const chunks = (command.chunks ?? []).map((number) => ({ ...chunkOf(number), ...chunk }));
    const head = { jobId: 'job', leadershipEpoch: 1, incarnation: 1, evaluationId: 9, failure: null };
    this.#message(worker, { evaluation: { ...head, chunks, ...change } });
  }

  #message(worker: number, message: object): void {
    const session = this.sessions[worker]!;
    this.#tell({ type: 'message', session, message: message as Extract<WorkerEvent, { type: 'message' }>['message'] });
  }
}

function chunkOf(chunk: number): ChunkResult__Output {
  const rows = Math.min(EVALUATION_CHUNK_ROWS, ROWS - chunk * EVALUATION_CHUNK_ROWS);
  const none = Buffer.alloc(0);
  return {
    chunk,
    rows,
    weight: rows,
    loss: 0.1 * rows + chunk / 3,
    metric: 1,
    outputs: none,
    targets: none,
    difference: 0,
  };
}

const failure = { code: 'ENGINE_RUN_FAILED', message: 'no', field: '', value: '', fix: '' };

afterEach(() => void vi.useRealTimers());

describe('an evaluation', () => {
  it.each([1, 2, 4, 8])('gives each chunk to one of %i workers and sums them in their order', async (workers) => {
    const scene = new Scene(workers);
    const done = scene.evaluate(VALIDATION);
    const given = scene.commands.flatMap(({ command }) => command.chunks ?? []);
    expect(given).toEqual([0, 1, 2, 3, 4, 5]);
    for (let index = scene.commands.length - 1; index >= 0; index--) scene.answer(index);
    const chunks = await done;
    expect(chunks.map(({ chunk }) => chunk)).toEqual(given);
    expect(meanOfChunks(chunks)).toEqual(meanOfChunks(given.map((chunk) => chunkOf(chunk))));
  });

  it('ends a worker that answers nothing beyond all patience, and gives its chunks to others', async () => {
    vi.useFakeTimers();
    const scene = new Scene(2);
    const done = scene.evaluate(VALIDATION);
    vi.advanceTimersByTime(LANE_PATIENCE_MS / 2);
    // One answer of several shows that a worker is at work.
    scene.answer(0, { chunks: [chunkOf(0)] });
    vi.advanceTimersByTime(LANE_PATIENCE_MS / 2 + 2000);
    expect(scene.crew.ready.map(({ key }) => key.workerId)).toEqual(['w0']);
    scene.answer(0);
    scene.answer(2);
    expect(await done).toHaveLength(6);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives the chunks of a lost worker to others, and waits where there are none', async () => {
    const scene = new Scene(2);
    const done = scene.evaluate(VALIDATION);
    scene.answer(0);
    scene.lose(0);
    scene.lose(1);
    expect(scene.commands).toHaveLength(2);
    scene.attach();
    expect(scene.commands[2]).toMatchObject({ worker: 2, command: { chunks: [3, 4, 5] } });
    scene.answer(2);
    expect(await done).toHaveLength(6);
  });

  it.each([
    ['another job', { jobId: 'earlier' }],
    ['another evaluation', { evaluationId: 8 }],
    ['an earlier life', { incarnation: 0 }],
    ['an earlier leadership', { leadershipEpoch: 0 }],
  ])('takes no answer of %s', async (_what, change) => {
    const scene = new Scene(1);
    const done = scene.evaluate(VALIDATION);
    scene.answer(0, change, { loss: 1e9 });
    scene.answer(0);
    expect((await done)[0]?.loss).toBe(chunkOf(0).loss);
  });

  it.each([
    ['rows', { rows: 3 }],
    ['outputs', { outputs: Buffer.alloc(8) }],
    ['targets', { outputs: Buffer.alloc(0), targets: Buffer.alloc(4) }],
  ])('ends a worker that answers with a wrong number of %s', async (_what, chunk) => {
    const scene = new Scene(2);
    const request = { ...VALIDATION, source: 'EVALUATION_SOURCE_TEST' as const, rowCount: 4, outputWidth: 1 };
    const done = scene.evaluate(request);
    const good = { rows: 4, outputs: Buffer.alloc(16), targets: Buffer.alloc(16) };
    scene.answer(0, {}, { ...good, ...chunk });
    expect(scene.crew.ready.map(({ key }) => key.workerId)).toEqual(['w1']);
    scene.answer(1, {}, good);
    expect(await done).toHaveLength(1);
  });

  it('fails after several failures', async () => {
    const scene = new Scene(1);
    const done = scene.evaluate(VALIDATION);
    for (let index = 0; index < 3; index++) scene.answer(index, { failure, chunks: [] });
    await expect(done).rejects.toMatchObject({ code: 'LANE_FAILED' });
  });

  it('ends with its job, also when that was cancelled before', async () => {
    const scene = new Scene(1);
    const reason = new LockstepError('JOB_CANCELLED');
    const running = scene.evaluate(VALIDATION);
    scene.cancellation.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(scene.evaluate(VALIDATION)).rejects.toBe(reason);
  });
});
