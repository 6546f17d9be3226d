/** Tests of the watch over steps, with a clock of its own: who is named, when, how often, and what it says in between. */
import type { StepStalled, TrainRequest__Output } from '@lockstep/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LaneState, WorkerKey } from './core/lane-state.js';
import { decide, startLanes } from './core/lanes.js';
import { StepTimes } from './core/step-times.js';
import { LanePace } from './lane-pace.js';
import { MIN_STALL_MS, QUIET_MS, STALL_LOOK_MS } from './limits.js';
import type { WorkerSession } from './ports.js';
import { StepWatch } from './step-watch.js';
import type { ToldActivity } from './worker-activity.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const now = (): number => Date.now();

/** Two workers, whose heartbeats come while they are not `silent`, and a watch over the steps that they share. */
class Scene {
  readonly told: StepStalled[] = [];
  stalledSteps = 0;
  readonly silent = new Set<string>();
  readonly phases = new Map<string, ToldActivity>();
  readonly keys: readonly WorkerKey[] = ['a', 'b'].map((workerId) => ({ workerId, incarnation: 1 }));
  readonly watch: StepWatch;
  readonly #spokeMs = new Map<string, number>();
  readonly #pace = new LanePace();
  #step = 0;
  #state: LaneState | null = null;

  constructor() {
    const spokeMs = (id: string): number => (this.silent.has(id) ? (this.#spokeMs.get(id) ?? 0) : now());
    const toldBy = (id: string): ToldActivity | null => this.phases.get(id) ?? null;
    const ready = this.keys.map((key) => ({
      key,
      get spokeMs() {
        return spokeMs(key.workerId);
      },
      get told() {
        return toldBy(key.workerId);
      },
    }));
    const sessions = ready as unknown as WorkerSession[];
    this.watch = new StepWatch({
      jobId: 'job',
      clock: { nowMs: now, unixSeconds: () => 0 },
      times: new StepTimes(),
      crew: { ready: sessions, find: ({ workerId }) => sessions.find(({ key }) => key.workerId === workerId) },
      onStall: (stall, isFirst) => {
        this.told.push(stall);
        if (isFirst) this.stalledSteps++;
      },
    });
    onTestFinished(() => this.watch.close());
    for (let step = 0; step < 4; step++) this.begin().finish();
    expect(this.told).toEqual([]);
  }

  /** Gives two lanes to each worker. */
  begin(): this {
    this.watch.began(this.#step);
    const times = { owing: [], patience: this.#pace.patience(this.keys) };
    const start = startLanes({ step: this.#step, lanes: [0, 1, 2, 3], workers: this.keys, ...times });
    this.#take(decide(start, { type: 'start' }, now()).state);
    this.watch.phase('command', 0);
    return this;
  }

  answer(worker: number): this {
    const key = this.keys[worker] as WorkerKey;
    const range = { first: 2 * worker, end: 2 * worker + 2 };
    const sums = { computeSeconds: 0.25, waitParametersSeconds: 0.125 };
    const gradient = { step: this.#step, attempt: worker, firstLane: range.first, endLane: range.end, sums };
    const message = { gradient } as unknown as TrainRequest__Output;
    this.watch.heard(key, message);
    this.#pace.heard(key, message);
    this.#take(decide(this.#state as LaneState, { type: 'result', worker: key, attempt: worker, range }, now()).state);
    return this;
  }

  /** Ends the step, a second after its start, and the phases of the coordinator after it at once. */
  finish(): void {
    vi.advanceTimersByTime(1000);
    this.answer(0).answer(1);
    this.gathered(1);
    for (const phase of ['reduce', 'update', 'broadcast'] as const) this.watch.phase(phase, 0.001);
    this.end();
  }

  gathered(seconds: number): void {
    this.watch.phase('compute', seconds);
    this.#pace.finished(seconds * 1000, []);
  }

  end(): void {
    this.watch.ended();
    this.#step++;
  }

  stop(id: string): void {
    this.#spokeMs.set(id, now());
    this.silent.add(id);
  }

  at(id: string, phase: string, jobId = 'job'): void {
    this.phases.set(id, { jobId, phase, sinceMs: now() });
  }

  #take(state: LaneState): void {
    this.#state = state;
    this.watch.lanes(state);
  }
}

describe('a step beyond four times the usual time', () => {
  it('names worker, lanes and phase, once, and the other worker once it is late too', () => {
    const scene = new Scene();
    scene.begin();
    scene.at('a', 'compute');
    scene.at('b', 'parameters');
    scene.answer(0);
    vi.advanceTimersByTime(4000 - STALL_LOOK_MS);
    expect(scene.told).toEqual([]);
    expect(scene.watch.message.stall).toBeNull();
    vi.advanceTimersByTime(2 * STALL_LOOK_MS);
    const stall = { workerId: 'b', lanes: [2, 3], phase: 'parameters', deadlineSeconds: 4 };
    expect(scene.told).toEqual([
      {
        ...stall,
        waitedSeconds: expect.any(Number),
        reason: expect.stringContaining('step 4 takes longer than 4 s: b owes lanes 2, 3'),
      },
    ]);
    vi.advanceTimersByTime(20_000);
    expect(scene.told).toHaveLength(1);
    expect(scene.watch.message.stall).toMatchObject(stall);
    scene.answer(1);
    expect(scene.watch.message.stall).toBeNull();
    scene.end();
    scene.begin();
    vi.advanceTimersByTime(10_000);
    expect(scene.told.slice(1).map(({ workerId }) => workerId)).toEqual(['a', 'b']);
    expect(scene.stalledSteps).toBe(2);
  });

  it('says that a worker is silent where its heartbeats are missing, and nothing of one that is at another job', () => {
    const scene = new Scene();
    scene.begin();
    scene.at('a', 'compute', 'other');
    scene.at('b', 'compute');
    scene.stop('b');
    vi.advanceTimersByTime(5000);
    expect(scene.told.map(({ phase }) => phase)).toEqual(['unknown', 'silent']);
    expect(scene.told[1]?.waitedSeconds).toBeGreaterThan(QUIET_MS / 1000);
  });

  it('counts no pause of the coordinator itself as a wait or a silence, and reads first what was said meanwhile', () => {
    const scene = new Scene();
    scene.begin();
    scene.at('a', 'compute');
    scene.stop('a');
    vi.advanceTimersByTime(1000);
    vi.setSystemTime(now() + 60_000);
    expect(scene.watch.message.stall).toBeNull();
    expect(scene.watch.message.workers?.[0]?.phase).toBe('compute');
    vi.advanceTimersByTime(3000 - STALL_LOOK_MS);
    expect(scene.told).toEqual([]);
    expect(scene.watch.message.stall).toBeNull();
    vi.advanceTimersByTime(2 * STALL_LOOK_MS);
    expect(scene.told.map(({ workerId }) => workerId)).toEqual(['a', 'b']);
    expect(scene.told[0]?.waitedSeconds).toBeLessThan(5);
  });

  it('is told of once what came after a pause was read, also where somebody asked before the watch looked', () => {
    const scene = new Scene();
    scene.begin();
    vi.advanceTimersByTime(4000 - STALL_LOOK_MS);
    vi.setSystemTime(now() + 60_000);
    expect(scene.watch.message.stall).toBeNull();
    vi.advanceTimersByTime(STALL_LOOK_MS);
    expect(scene.told).toEqual([]);
    vi.advanceTimersByTime(2 * STALL_LOOK_MS);
    expect(scene.told.map(({ workerId }) => workerId)).toEqual(['a', 'b']);
  });

  it('names the coordinator where it is the one that takes long', () => {
    const scene = new Scene();
    scene.begin().answer(0).answer(1).gathered(0.01);
    scene.watch.phase('reduce', 0.001);
    scene.watch.phase('update', 0.001);
    vi.advanceTimersByTime(MIN_STALL_MS - STALL_LOOK_MS);
    expect(scene.told).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(scene.told).toMatchObject([{ workerId: '', lanes: [], phase: 'broadcast', deadlineSeconds: 3 }]);
    scene.watch.phase('broadcast', 10);
    scene.end();
    expect(scene.watch.message.stall).toBeNull();
  });
});

it('says what each process does, and how long its phases take', () => {
  const scene = new Scene();
  scene.at('a', 'compute');
  vi.advanceTimersByTime(500);
  scene.stop('b');
  scene.begin();
  vi.advanceTimersByTime(QUIET_MS + 1);
  const { steps, phaseSeconds, workers } = scene.watch.message;
  expect({ steps, phaseSeconds }).toEqual({
    ...{ steps: 4 },
    phaseSeconds: { command: 0, compute: 1, reduce: 0.001, update: 0.001, broadcast: 0.001 },
  });
  const mean = { steps: 4, phaseSeconds: { parameters: 0.125, compute: 0.25, send: 0.625 } };
  expect(workers).toEqual([
    { workerId: 'a', lanes: [0, 1], ...mean, phase: 'compute', phaseAgeSeconds: (500 + QUIET_MS + 1) / 1000 },
    { workerId: 'b', lanes: [2, 3], ...mean, phase: 'silent', phaseAgeSeconds: (QUIET_MS + 1) / 1000 },
  ]);
});
