/** Tests of an evaluation: chunks over workers, and answers that must not count. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChunkResult__Output, EvaluateCommand, EvaluationResult__Output, TrainResponse } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import type { WorkerKey } from './core/lane-state.js';
import { Crew } from './crew.js';
import { type EvaluationRequest, evaluate, meanOfChunks } from './evaluate.js';
import type { LanePace } from './lane-pace.js';
import { EVALUATION_CHUNK_ROWS, FIRST_CHUNK_STRAGGLER_MS, LANE_PATIENCE_MS, TICK_MS } from './limits.js';
import { ownMemory, ParameterVersions } from './parameter-versions.js';
import type { WorkerEvent, WorkerSession } from './ports.js';

const ROWS = EVALUATION_CHUNK_ROWS * 5 + 7;
const VALIDATION: EvaluationRequest = { id: 9, source: 'EVALUATION_SOURCE_VALIDATION', rowCount: ROWS };

/** Workers in memory, and an evaluation that they were asked for. */
class Scene {
  readonly sessions: WorkerSession[] = [];
  readonly commands: { worker: number; command: EvaluateCommand }[] = [];
  readonly cancellation = new AbortController();
  /** Workers and chunks that differed. */
  readonly different: string[] = [];
  readonly pace: { chunkMs: number | null; owing: LanePace['owing'] } = { chunkMs: null, owing: [] };
  nowMs = 0;
  readonly crew: Crew;
  #tell: (event: WorkerEvent) => void = () => {};

  constructor(workers: number) {
    const pool = {
      sessions: this.sessions,
      listen: (listener: (event: WorkerEvent) => void) => {
        this.#tell = listener;
        return () => {};
      },
      ...{ isAlone: true, connected: this.sessions, claim: () => true, release: () => {}, close: () => {} },
    };
    this.crew = new Crew({
      pool,
      plan: { jobId: 'job' },
      size: 9,
      wanted: 9,
      least: 1,
      numericClass: '',
      device: 'auto',
      engine: 'onnxruntime',
      admit: () => '',
      onChange: () => {},
    });
    for (let worker = 0; worker < workers; worker++) this.attach();
  }

  attach(): void {
    const worker = this.sessions.length;
    const session: WorkerSession = {
      ...{
        key: { workerId: `w${worker}`, incarnation: 1 },
        spokeMs: 0,
        told: null,
        serves: () => true,
        processNonce: `w${worker}`,
      },
      ...{ numericClass: 'a', device: 'cpu', engine: 'onnxruntime', reproducible: true },
      send: ({ evaluate: command }: TrainResponse) => void (command && this.commands.push({ worker, command })),
      end: (why) => this.lose(worker, why),
    };
    this.sessions.push(session);
    this.#tell({ type: 'attached', session });
    this.#message(worker, { jobReady: { jobId: 'job', failure: null } });
  }

  lose(worker: number, why = 'cut'): void {
    this.#tell({ type: 'detached', session: this.sessions[worker]!, why, ending: 'vanished' });
  }

  evaluate(request: EvaluationRequest): Promise<readonly ChunkResult__Output[]> {
    const versions = new ParameterVersions({
      ...{ leadershipEpoch: 1, version: 0, memory: ownMemory(16), onBytes: () => {} },
      broadcast: { publish: async () => ({ digest: 1, bytes: 0, sent: Promise.resolve() }), digest: () => 1 },
    });
    const link = { isHost: () => false };
    const signal = this.cancellation.signal;
    const clock = { nowMs: () => this.nowMs, unixSeconds: () => 0 };
    const onChunkDifference = ({ workerId }: WorkerKey, chunk: number): void =>
      void this.different.push(`${workerId} ${chunk}`);
    const { crew, pace } = this;
    return evaluate(request, {
      ...{ jobId: 'job', leadershipEpoch: 1, crew, versions, link, pace, signal, clock, onChunkDifference },
    });
  }

  answer(
    index: number,
    change: Partial<EvaluationResult__Output> = {},
    chunk: Partial<ChunkResult__Output> = {},
  ): void {
    const { worker, command } = this.commands[index]!;
    const chunks = (command.chunks ?? []).map((number) => ({ ...chunkOf(number), ...chunk }));
    const head = { jobId: 'job', leadershipEpoch: 1, incarnation: 1, evaluationId: 9, version: 0, failure: null };
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
    ['another version, of before a rewind', { version: 4 }],
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

  it('gives late chunks to an idle worker as well, takes the first answer and tells where one differs', async () => {
    const scene = new Scene(3);
    const done = scene.evaluate(VALIDATION);
    scene.nowMs = 100;
    scene.answer(1, { chunks: [chunkOf(2)] });
    scene.nowMs = 200;
    scene.answer(1, { chunks: [chunkOf(3)] });
    // Two chunks took 200 ms: four hundred are allowed, and an idle worker is there.
    scene.nowMs = 399;
    await sleep(3 * TICK_MS);
    expect(scene.commands).toHaveLength(3);
    scene.nowMs = 400;
    await expect.poll(() => scene.commands.length).toBe(4);
    expect(scene.commands[3]).toMatchObject({ worker: 1, command: { chunks: [0, 1] } });
    scene.answer(0);
    scene.answer(3, {}, { loss: 5 });
    expect(scene.different).toEqual(['w1 0', 'w1 1']);
    // The one that helped is idle again and helps the next one.
    await expect.poll(() => scene.commands.length).toBe(5);
    expect(scene.commands[4]).toMatchObject({ command: { chunks: [4, 5] } });
    scene.answer(4);
    expect((await done).map(({ loss }) => loss)).toEqual([0, 1, 2, 3, 4, 5].map((chunk) => chunkOf(chunk).loss));
  });

  it('knows from the evaluation before how long a chunk takes', async () => {
    const scene = new Scene(2);
    const small = { ...VALIDATION, rowCount: ROWS - 5 * EVALUATION_CHUNK_ROWS };
    scene.pace.chunkMs = 100;
    const done = scene.evaluate(small);
    scene.nowMs = 200;
    await expect.poll(() => scene.commands.length).toBe(2);
    scene.answer(1, {}, { rows: 7 });
    expect(await done).toHaveLength(1);
    expect(scene.pace.chunkMs).toBe(0);
  });

  it('gives its chunks to an idle worker as well after a while, where no chunk was ever answered', async () => {
    const scene = new Scene(2);
    const done = scene.evaluate({ ...VALIDATION, rowCount: 7 });
    scene.nowMs = FIRST_CHUNK_STRAGGLER_MS - 1;
    await sleep(3 * TICK_MS);
    expect(scene.commands.map(({ worker }) => worker)).toEqual([0]);
    scene.nowMs = FIRST_CHUNK_STRAGGLER_MS;
    await expect.poll(() => scene.commands.map(({ worker }) => worker)).toEqual([0, 1]);
    scene.answer(1, {}, { rows: 7 });
    expect(await done).toHaveLength(1);
  });

  it('asks a worker that still owes lanes last', async () => {
    const scene = new Scene(3);
    scene.pace.owing = [{ worker: { workerId: 'w0', incarnation: 1 }, step: 4, sinceMs: 0 }];
    const done = scene.evaluate({ ...VALIDATION, rowCount: 2 * EVALUATION_CHUNK_ROWS });
    expect(scene.commands.map(({ worker }) => worker)).toEqual([1, 2]);
    for (const index of [0, 1]) scene.answer(index, {}, { rows: EVALUATION_CHUNK_ROWS });
    expect(await done).toHaveLength(2);
  });

  it('ends a worker that hangs, and gives its chunks to another', async () => {
    const scene = new Scene(1);
    const done = scene.evaluate(VALIDATION);
    scene.nowMs = LANE_PATIENCE_MS;
    await expect.poll(() => scene.crew.ready.length).toBe(0);
    scene.attach();
    scene.answer(1);
    expect(await done).toHaveLength(6);
  });

  it('gives nothing more to a worker on which it failed while there are others', async () => {
    const scene = new Scene(3);
    const done = scene.evaluate(VALIDATION);
    scene.answer(1, { failure, chunks: [] });
    expect(scene.commands.map(({ worker }) => worker)).toEqual([0, 1, 2, 0, 2]);
    for (const index of [0, 2, 3, 4]) scene.answer(index);
    expect(await done).toHaveLength(6);
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
