/** What the page shows of a job's state and progress, in whatever order and at whatever time of day it hears of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_VIEW, following, type JobMessage, type JobView } from './job-view.js';
import { type Job, type JobEvent, type JobProgress, readEvent, readJob } from './wire.js';

/** What a coordinator knows of a job, and whoever has asked it something. */
class Coordinator {
  readonly events: JobEvent[] = [];
  state = 'JOB_STATE_PENDING';
  reason = '';
  progress: JobProgress | null = null;
  /** As of the newest event that told some. */
  told: JobProgress | null = null;
  unixSeconds = 1e9;
  #reports = 0;

  get job(): Job {
    const { state, unixSeconds, progress, reason } = this;
    const result = state === 'JOB_STATE_SUCCEEDED' ? { parametersSha256: 'ab' } : null;
    return { ...readJob({ id: 'a-1', state, reason, updatedUnixSeconds: unixSeconds, result }), progress };
  }

  /** What a job is asked for: with all of the result. */
  get answer(): Job {
    const { job } = this;
    const processTimes = [{ process: 'coordinator', steps: 3, phaseSeconds: {} }];
    return { ...job, resolvedSpec: 'name: a', result: job.result && { ...job.result, processTimes } };
  }

  report(steps: number): void {
    const step = (this.told?.step ?? 0) + steps;
    this.told = {
      ...{ step, totalSteps: 1000, epoch: Math.floor(step / 100) + 1, totalEpochs: 10, trainLoss: 1 / (step + 1) },
      ...{ samplesPerSecond: ++this.#reports, remainingSeconds: 1000 - step, workers: 2 },
    };
    this.progress = this.told;
    this.#emit({ stepsCommitted: { progress: this.progress } });
  }

  /** @param isKnown whether the job's own progress says so at once, and not with its next step only */
  rewind(part: number, isKnown: boolean): void {
    if (!this.told) return;
    const step = Math.floor(this.told.step * part);
    this.told = { ...this.told, step, epoch: Math.floor(step / 100) + 1 };
    if (isKnown) this.progress = this.told;
    this.#emit({ rewound: { toStep: step } });
  }

  /** Another coordinator takes over: it knows no progress until it makes some. */
  restart(): void {
    this.progress = null;
    this.advance('JOB_STATE_PENDING');
  }

  advance(state: string): void {
    this.state = state;
    this.reason = `after ${this.events.length} events`;
    this.#emit({ stateChanged: { state, reason: '' } });
  }

  #emit(kind: object): void {
    this.events.push(readEvent({ sequence: this.events.length + 1, unixSeconds: this.unixSeconds, ...kind }));
  }
}

/** The way of messages to a page: a stream, which is cut and begun again, and requests beside it. */
class Way {
  readonly coordinator = new Coordinator();
  readonly views: JobView[] = [EMPTY_VIEW];
  #stream: JobMessage[] | null = null;
  #told = 0;
  #toldReason = '';
  #answers: JobMessage[] = [];

  get view(): JobView {
    return this.views.at(-1)!;
  }

  connect(): void {
    this.#stream = [{ kind: 'job', job: this.coordinator.job }];
    this.#told = this.view.lastSequence;
    this.#toldReason = this.coordinator.reason;
    this.tell();
  }

  cut(): void {
    this.#stream = null;
  }

  /** As the coordinator does after each event. */
  tell(): void {
    if (!this.#stream) return;
    const { events, job, reason } = this.coordinator;
    this.#stream.push(...events.slice(this.#told).map((event) => ({ kind: 'event', event }) as const));
    this.#told = events.length;
    if (this.#toldReason !== reason) this.#stream.push({ kind: 'job', job });
    this.#toldReason = reason;
  }

  tick(): void {
    this.#stream?.push({ kind: 'activity', activity: { steps: 1, phaseSeconds: {}, workers: [], stall: null } });
  }

  ask(): void {
    this.#answers.push({ kind: 'answer', job: this.coordinator.answer });
  }

  /** Part of what is under way arrives. */
  arrive(messages: number, answers: number): void {
    const heard = [...(this.#stream?.splice(0, messages) ?? []), ...this.#answers.splice(0, answers)];
    if (heard.length > 0) this.views.push(following(this.view, heard));
  }

  /** All that was told arrives; what a job has left is asked for until it is there. */
  settle(): void {
    if (!this.#stream) this.connect();
    this.arrive(Number.POSITIVE_INFINITY, 0);
    if (this.coordinator.state === 'JOB_STATE_SUCCEEDED') this.ask();
    this.arrive(0, Number.POSITIVE_INFINITY);
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }).map((steps) => (way: Way) => way.coordinator.report(steps)) },
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()).map((how) => (way: Way) => {
    way.coordinator.rewind(...how);
  }),
  fc.constantFrom('JOB_STATE_RUNNING', 'JOB_STATE_SUSPENDED').map((state) => (way: Way) => {
    way.coordinator.advance(state);
  }),
  fc.constant((way: Way) => {
    way.cut();
    way.coordinator.restart();
  }),
  fc.integer({ min: 0, max: 2e9 }).map((unixSeconds) => (way: Way) => {
    way.coordinator.unixSeconds = unixSeconds;
  }),
);
const way = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.nat(6), fc.nat(1)).map((counts) => (way: Way) => way.arrive(...counts)) },
  fc.constantFrom<(way: Way) => void>(
    (way) => way.connect(),
    (way) => way.cut(),
    (way) => way.tick(),
    (way) => way.ask(),
  ),
);

/** Plays a run and the ways of its messages; the job ends where that is wanted. */
function played(doings: readonly ((way: Way) => void)[], ends: boolean): Way {
  const made = new Way();
  for (const doing of doings) {
    doing(made);
    made.tell();
  }
  if (ends) made.coordinator.advance('JOB_STATE_SUCCEEDED');
  made.tell();
  return made;
}

describe('whatever the order, the connection and the clock', () => {
  const runs = fc.array(fc.oneof(step, way), { maxLength: 60, size: 'max' });

  it('ends with the newest state, the newest progress and the whole result', () => {
    fc.assert(
      fc.property(runs, fc.boolean(), (doings, ends) => {
        const made = played(doings, ends);
        made.settle();
        const { state, reason, told } = made.coordinator;
        const { job } = made.view;
        expect(job).toMatchObject({ state, reason, progress: told });
        made.connect();
        made.arrive(Number.POSITIVE_INFINITY, 0);
        expect({ ...made.view.job, updatedUnixSeconds: 0 }).toEqual({ ...job, updatedUnixSeconds: 0 });
        expect(job?.result?.processTimes.length).toBe(ends ? 1 : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('shows no progress after a newer one, and no state after an end', () => {
    fc.assert(
      fc.property(runs, fc.boolean(), (doings, ends) => {
        const made = played(doings, ends);
        made.settle();
        const reports = made.views.map(({ job }) => job?.progress?.samplesPerSecond ?? 0);
        expect(reports).toEqual([...reports].sort((one, other) => one - other));
        const states = made.views.flatMap(({ job }) => job?.state ?? []);
        const end = states.indexOf('JOB_STATE_SUCCEEDED');
        if (end >= 0) expect(new Set(states.slice(end)).size).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe('progress', () => {
  const progress = (step: number, samplesPerSecond: number) => ({
    ...{ step, totalSteps: 100, epoch: Math.floor(step / 10) + 1, totalEpochs: 10, trainLoss: 1 / (step + 1) },
    samplesPerSecond,
  });
  const job = (step: number, speed: number): JobMessage => ({
    kind: 'job',
    job: readJob({ id: 'a-1', state: 'JOB_STATE_RUNNING', updatedUnixSeconds: 500, progress: progress(step, speed) }),
  });
  const event = (sequence: number, kind: object): JobMessage => ({
    kind: 'event',
    event: readEvent({ sequence, unixSeconds: 100 - sequence, ...kind }),
  });
  const report = (sequence: number, step: number): JobMessage =>
    event(sequence, { stepsCommitted: { progress: progress(step, sequence) } });
  const shown = (view: JobView): readonly unknown[] => [view.job?.progress?.step, view.job?.progress?.epoch];

  it('stays with a snapshot while an older history is told, through a rewind in it too', () => {
    const history = [report(1, 30), report(2, 60), event(3, { rewound: { toStep: 20 } }), report(4, 40)];
    let view = following(EMPTY_VIEW, [job(40, 4)]);
    for (const message of history) {
      view = following(view, [message]);
      expect(shown(view)).toEqual([40, 5]);
    }
    expect(shown(following(view, [report(5, 41)]))).toEqual([41, 5]);
  });

  it('goes back with a rewind that is news', () => {
    const view = following(EMPTY_VIEW, [job(60, 2), report(1, 30), report(2, 60)]);
    expect(shown(following(view, [event(3, { rewound: { toStep: 20 } })]))).toEqual([20, 3]);
  });

  it('goes on with the next event where the history has no more of the snapshot', () => {
    const activity = { steps: 1, phaseSeconds: {}, workers: [], stall: null };
    const view = following(EMPTY_VIEW, [job(60, 2), report(1, 30), { kind: 'activity', activity }]);
    expect(shown(view)).toEqual([60, 7]);
    expect(shown(following(view, [report(3, 50)]))).toEqual([50, 6]);
  });
});

describe('an answer', () => {
  const at = (state: string, reason: string, more = {}): Job => readJob({ id: 'a-1', state, reason, ...more });

  it('that is older than the stream adds what it alone has, and takes nothing back', () => {
    const { job } = following(EMPTY_VIEW, [
      { kind: 'job', job: at('JOB_STATE_PENDING', 'waits') },
      { kind: 'job', job: at('JOB_STATE_RUNNING', 'computes', { updatedUnixSeconds: 5 }) },
      { kind: 'answer', job: at('JOB_STATE_PENDING', 'waits', { resolvedSpec: 'name: a', updatedUnixSeconds: 9 }) },
    ]);
    expect(job).toMatchObject({ state: 'JOB_STATE_RUNNING', reason: 'computes', resolvedSpec: 'name: a' });
  });

  it('that tells an end stays, also where the stream is behind', () => {
    const { job } = following(EMPTY_VIEW, [
      { kind: 'job', job: at('JOB_STATE_RUNNING', 'computes') },
      { kind: 'answer', job: at('JOB_STATE_CANCELLED', 'cancelled: wrong data') },
      { kind: 'job', job: at('JOB_STATE_RUNNING', 'computes on') },
    ]);
    expect(job).toMatchObject({ state: 'JOB_STATE_CANCELLED', reason: 'cancelled: wrong data' });
  });
});
