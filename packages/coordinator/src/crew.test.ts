/** Tests of a crew: who is invited, who stands by, who comes in for a lost worker. */
import type { JobPlan, TrainRequest__Output, TrainResponse } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Crew, type CrewEvent, type CrewOptions } from './crew.js';
import { crewSize } from './crew-size.js';
import { GANG_TIMEOUT_MS, REBASE_AFTER_MS } from './limits.js';
import type { WorkerEvent, WorkerSession, WorkerShare } from './ports.js';

/** They differ in a golden lane. */
const CLASS_A = 'onnxruntime-1/cpu/golden=aa';
const CLASS_B = 'onnxruntime-1/cpu/golden=bb';

interface TestSession extends WorkerSession {
  readonly sent: TrainResponse[];
  /** Why the crew ended its life. */
  readonly ended: string[];
}

/** A pool whose workers come and go as the test says. */
class TestPool implements WorkerShare {
  isAlone = true;
  readonly sessions: TestSession[] = [];
  #listener: ((event: WorkerEvent) => void) | null = null;

  get connected(): readonly TestSession[] {
    return this.sessions;
  }

  listen(listener: (event: WorkerEvent) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  claim(): boolean {
    return true;
  }

  release(): void {}

  close(): void {}

  get isListening(): boolean {
    return this.#listener !== null;
  }

  attach(workerId: string, numericClass = CLASS_A, device = 'cpu', replicas = 1, engine = 'onnxruntime'): TestSession {
    const sent: TrainResponse[] = [];
    const ended: string[] = [];
    const session: TestSession = {
      ...{
        key: { workerId, incarnation: 1, replicas },
        numericClass,
        device,
        engine,
        reproducible: true,
        spokeMs: 0,
        told: null,
        serves: () => true,
        processNonce: workerId,
        sent,
        ended,
      },
      send: (message: TrainResponse): void => void sent.push(message),
      end: (why): void => {
        ended.push(why);
        this.detach(session);
      },
    };
    this.sessions.push(session);
    this.#listener?.({ type: 'attached', session });
    return session;
  }

  detach(session: TestSession): void {
    this.sessions.splice(this.sessions.indexOf(session), 1);
    this.#listener?.({ type: 'detached', session, why: 'its stream ended', ending: 'vanished' });
  }

  ready(session: TestSession, jobId = 'job', failure: { code: string; message: string } | null = null): void {
    const message = { jobReady: { jobId, failure } } as TrainRequest__Output;
    this.#listener?.({ type: 'message', session, message });
  }
}

function start(
  size: number,
  options: Partial<CrewOptions> = {},
): { pool: TestPool; crew: Crew; changes: string[]; events: CrewEvent[] } {
  const pool = new TestPool();
  const changes: string[] = [];
  const events: CrewEvent[] = [];
  const plan: JobPlan = { jobId: 'job' };
  const crew = new Crew({
    ...{ pool, plan, size, wanted: size, least: 1, numericClass: '' },
    ...{ device: 'auto', engine: 'onnxruntime' },
    admit: () => '',
    onChange: (change, { workerId }) => void changes.push(`${workerId} ${change}`),
    ...options,
  });
  crew.listen((event) => void events.push(event));
  return { pool, crew, changes, events };
}

const names = (crew: Crew): string[] => crew.ready.map(({ key }) => key.workerId);

describe('Crew', () => {
  it('sends the plan to as many workers as the job wants and keeps the rest as spares', () => {
    const { pool, changes } = start(2);
    const sessions = ['a', 'b', 'c'].map((name) => pool.attach(name));
    expect(sessions.map(({ sent }) => sent.length)).toEqual([1, 1, 0]);
    expect(sessions[0]!.sent[0]).toEqual({ jobPlan: { jobId: 'job' } });
    expect(changes).toEqual(['c spare']);
  });

  it('takes no more workers than have a replica for each lane', async () => {
    const { pool, crew, changes } = start(4, { plan: { jobId: 'job', lanes: 4 } });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => pool.attach(name, CLASS_A, 'cpu', 2));
    expect(changes).toEqual(['c spare']);
    expect(c!.sent).toEqual([]);
    pool.ready(a!);
    pool.ready(b!);
    await crew.gather(() => expect.fail('every lane has a replica'), new AbortController().signal);
    pool.detach(a!);
    expect(c!.sent).toHaveLength(1);
  });

  it('counts a worker once it is ready, in the order of readiness', () => {
    const { pool, crew, events } = start(2);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(b!);
    pool.ready(a!);
    pool.ready(a!);
    expect(names(crew)).toEqual(['b', 'a']);
    expect(events.map(({ type }) => type)).toEqual(['ready', 'ready']);
    expect(crew.find({ workerId: 'a', incarnation: 1 })).toBe(a);
    expect(crew.find({ workerId: 'a', incarnation: 2 })).toBeUndefined();
  });

  it('takes no notice of readiness for another job or of a worker it never invited', () => {
    const { pool, crew } = start(1);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!, 'another');
    pool.ready(b!);
    expect(names(crew)).toEqual([]);
  });

  it('invites a spare when a worker is lost', () => {
    const { pool, crew, changes, events } = start(1);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!);
    pool.detach(a!);
    expect(b!.sent).toHaveLength(1);
    pool.ready(b!);
    expect(names(crew)).toEqual(['b']);
    expect(changes).toEqual(['b spare', 'a ready', 'a lost', 'b ready']);
    expect(events.map(({ type }) => type)).toEqual(['ready', 'lost', 'ready']);
  });

  it('loses a spare without a word', () => {
    const { pool, changes } = start(1);
    pool.attach('a');
    pool.detach(pool.attach('b'));
    expect(changes).toEqual(['b spare']);
  });

  it('takes a worker whose preparation failed for a lost one', () => {
    const { pool, crew, changes } = start(1);
    const a = pool.attach('a');
    pool.ready(a, 'job', { code: 'ENGINE', message: 'no memory' });
    expect(names(crew)).toEqual([]);
    expect(changes).toEqual(['a lost']);
  });

  it('ends the life of a worker that the network kept from preparing, which is no refusal', async () => {
    const { pool, crew, changes } = start(1);
    const gathered = crew.gather(() => undefined, new AbortController().signal);
    const a = pool.attach('a');
    pool.ready(a, 'job', { code: 'SERVER_UNREACHABLE', message: 'the connection broke' });
    expect(a.ended).toEqual(['SERVER_UNREACHABLE: the connection broke']);
    const b = pool.attach('b');
    pool.ready(b);
    await gathered;
    expect(changes).toEqual(['a lost', 'b ready']);
  });

  it('refuses a worker of another numeric class', () => {
    const { pool, crew, changes } = start(2);
    pool.attach('a');
    const other = pool.attach('b', CLASS_B);
    expect(other.sent).toEqual([]);
    expect(changes).toEqual(['b refused']);
    expect(crew.numericClass).toBe(CLASS_A);
  });

  it('takes the class of most workers until it has gathered, and lets those of another one go', async () => {
    const { pool, crew } = start(2);
    const gathered = crew.gather(() => undefined, new AbortController().signal);
    const odd = pool.attach('a', CLASS_B);
    pool.ready(odd);
    const [b, c] = ['b', 'c'].map((name) => pool.attach(name));
    expect(odd.sent.at(-1)).toMatchObject({ jobEnded: { jobId: 'job' } });
    expect(crew.numericClass).toBe(CLASS_A);
    pool.ready(b!);
    pool.ready(c!);
    await gathered;
    expect(names(crew)).toEqual(['b', 'c']);
    for (const name of ['d', 'e', 'f']) pool.attach(name, CLASS_B);
    expect(crew.numericClass).toBe(CLASS_A);
  });

  it('names both classes where it waits for workers and others are there', async () => {
    const { pool, crew } = start(1, { numericClass: CLASS_A });
    const waiting: string[] = [];
    const controller = new AbortController();
    const gathered = crew.gather((why) => void waiting.push(why), controller.signal);
    pool.attach('b', CLASS_B);
    await Promise.resolve();
    expect(waiting.at(-1)).toContain(`NUMERIC_CLASS_MISMATCH, ${CLASS_B} and not ${CLASS_A}. --rebase-numerics`);
    controller.abort(new Error('enough'));
    await expect(gathered).rejects.toThrow('enough');
  });

  it.each([true, false])('with none of its class left: goes on in another class only if it may (%s)', (mayRebase) => {
    vi.useFakeTimers();
    const rebases: string[] = [];
    const { pool, crew } = start(1, {
      numericClass: CLASS_A,
      ...(mayRebase ? { onRebase: (from, to) => void rebases.push(`${from} ${to}`) } : {}),
    });
    const own = pool.attach('a');
    pool.ready(own);
    const other = pool.attach('b', CLASS_B);
    vi.advanceTimersByTime(2 * REBASE_AFTER_MS);
    expect(rebases).toEqual([]);
    pool.detach(own);
    vi.advanceTimersByTime(REBASE_AFTER_MS);
    vi.useRealTimers();
    expect(rebases).toEqual(mayRebase ? [`${CLASS_A} ${CLASS_B}`] : []);
    expect(other.sent).toHaveLength(mayRebase ? 1 : 0);
    expect(crew.isReproducible).toBe(!mayRebase);
  });

  it('stays in its class where nobody that could go on is of another one', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const rebases: string[] = [];
    const onRebase = (from: string, to: string): void => void rebases.push(`${from} ${to}`);
    const { pool, crew } = start(1, { numericClass: CLASS_A, device: 'cpu', onRebase });
    pool.attach('g', 'class-g', 'cuda');
    vi.advanceTimersByTime(2 * REBASE_AFTER_MS);
    pool.ready(pool.attach('a'), 'job', { code: 'ENGINE', message: 'no memory' });
    vi.advanceTimersByTime(2 * REBASE_AFTER_MS);
    expect(rebases).toEqual([]);
    const own = pool.attach('b');
    pool.ready(own);
    expect(names(crew)).toEqual(['b']);
    expect(crew.isReproducible).toBe(true);
  });

  it('does not count the class of workers that refused the plan', () => {
    const { pool, crew } = start(4);
    for (const name of ['a', 'b']) pool.ready(pool.attach(name), 'job', { code: 'ENGINE', message: 'no memory' });
    const other = pool.attach('c', CLASS_B);
    pool.ready(other);
    expect([crew.numericClass, names(crew)]).toEqual([CLASS_B, ['c']]);
  });

  it('says which workers wait that compute other bits', () => {
    const { pool, crew } = start(1, { numericClass: CLASS_A });
    pool.attach('a');
    expect(crew.others).toBe('');
    pool.attach('b', CLASS_B);
    expect(crew.others).toContain(
      `; 1 more computes other bits: NUMERIC_CLASS_MISMATCH, ${CLASS_B} and not ${CLASS_A}. --rebase-numerics`,
    );
  });

  it('tells everybody it invited that the job has ended, and hears no more', () => {
    const { pool, crew } = start(1);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    crew.close('succeeded');
    expect(a!.sent.at(-1)).toEqual({ jobEnded: { jobId: 'job', reason: 'succeeded' } });
    expect(b!.sent).toEqual([]);
    expect(pool.isListening).toBe(false);
  });

  it('gathers until all workers are ready and says how many are there', async () => {
    const { pool, crew } = start(2);
    const waiting: string[] = [];
    const gathered = crew.gather((why) => void waiting.push(why), new AbortController().signal);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!);
    await Promise.resolve();
    pool.ready(b!);
    await gathered;
    expect(waiting).toEqual(['0 of 2 workers are ready', '1 of 2 workers are ready']);
  });

  it('waits for no more than it needs where it was told to', async () => {
    const { pool, crew } = start(3, { least: 2, gangTimeoutMs: 0 });
    const gathered = crew.gather(() => undefined, new AbortController().signal);
    for (const name of ['a', 'b']) pool.ready(pool.attach(name));
    await gathered;
    expect(names(crew)).toEqual(['a', 'b']);
  });

  it('does not start with fewer than it needs, however long it has waited', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { pool, crew } = start(3, { least: 2 });
    const waiting: string[] = [];
    let isGathered = false;
    const gathered = crew
      .gather((why) => void waiting.push(why), new AbortController().signal)
      .then(() => {
        isGathered = true;
      });
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!);
    await vi.advanceTimersByTimeAsync(3 * GANG_TIMEOUT_MS);
    expect(isGathered).toBe(false);
    expect(new Set(waiting)).toEqual(
      new Set(['needs 2 workers (run.minWorkers), 0 connected', 'waiting for workers: 1 of at least 2']),
    );
    pool.ready(b!);
    await gathered;
  });

  it('takes more than it waits for, up to its size', async () => {
    const { pool, crew, changes } = start(2, { wanted: 1 });
    const [a, b] = ['a', 'b', 'c'].map((name) => pool.attach(name));
    pool.ready(a!);
    await crew.gather(() => undefined, new AbortController().signal);
    pool.ready(b!);
    expect(names(crew)).toEqual(['a', 'b']);
    expect(changes).toEqual(['c spare', 'a ready', 'b ready']);
  });

  it('waits between steps until enough are ready', async () => {
    const { pool, crew } = start(2, { least: 2 });
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!);
    let isEnough = false;
    const enough = crew.enough(new AbortController().signal).then(() => {
      isEnough = true;
    });
    await Promise.resolve();
    expect(isEnough).toBe(false);
    pool.ready(b!);
    await enough;
  });
  it('goes on with those that it has where other jobs hold the rest', async () => {
    const { pool, crew } = start(3);
    const gathered = crew.gather(() => undefined, new AbortController().signal);
    const [a, b] = ['a', 'b'].map((name) => pool.attach(name));
    pool.ready(a!);
    pool.isAlone = false;
    pool.ready(b!);
    await gathered;
    expect(names(crew)).toEqual(['a', 'b']);
  }, 10_000);
  it('says how many of the workers have the device, takes those that come, and starts', async () => {
    const { pool, crew, changes } = start(2, { device: 'cuda' });
    const waiting: string[] = [];
    const gathered = crew.gather((why) => void waiting.push(why), new AbortController().signal);
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    for (const name of ['a', 'b']) {
      pool.attach(name);
      await settle();
    }
    const cuda = ['c', 'd'].map((name) => pool.attach(name, 'class-g', 'cuda'));
    for (const session of cuda) pool.ready(session);
    await gathered;
    expect(waiting.slice(0, 3)).toEqual([0, 1, 2].map((of) => `needs 2 cuda workers, 0 of ${of} connected have cuda`));
    expect(names(crew)).toEqual(['c', 'd']);
    expect(changes).toEqual(['a refused', 'b refused', 'c ready', 'd ready']);
  });

  it('takes workers of its engine only, and says how many of those there are', async () => {
    const { pool, crew, changes } = start(2, { engine: 'tfjs' });
    const waiting: string[] = [];
    const gathered = crew.gather((why) => void waiting.push(why), new AbortController().signal);
    pool.attach('a');
    await new Promise((resolve) => setImmediate(resolve));
    const own = ['b', 'c'].map((name) => pool.attach(name, 'class-t', 'cpu', 1, 'tfjs'));
    for (const session of own) pool.ready(session);
    await gathered;
    expect(waiting.at(1)).toBe('needs 2 tfjs workers, 0 of 1 connected have tfjs');
    expect(names(crew)).toEqual(['b', 'c']);
    expect(changes).toEqual(['a refused', 'b ready', 'c ready']);
  });

  it('stops gathering when the job is cancelled', async () => {
    const { crew } = start(1);
    const controller = new AbortController();
    const gathered = crew.gather(() => undefined, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(gathered).rejects.toThrow('cancelled');
  });
});

describe('crewSize', () => {
  it('never takes more workers than lanes, and says so', () => {
    expect(crewSize({ workers: 3, minWorkers: 2 }, 4)).toEqual({ size: 3, wanted: 3, least: 2, note: '' });
    const { note, ...size } = crewSize({ workers: 6, minWorkers: 1 }, 4);
    expect(size).toEqual({ size: 4, wanted: 4, least: 1 });
    expect(note).toContain('2 stand by as spares');
  });

  it('follows run.maxWorkers', () => {
    const more = crewSize({ workers: 1, minWorkers: 1, maxWorkers: 3 }, 4);
    expect(more).toEqual({ size: 3, wanted: 1, least: 1, note: '' });
    const fewer = crewSize({ workers: 3, minWorkers: 1, maxWorkers: 2 }, 4);
    expect(fewer).toMatchObject({ size: 2, wanted: 2 });
    expect(fewer.note).toBe('3 workers, run.maxWorkers: 2: 1 stand by as spares.');
  });
});
