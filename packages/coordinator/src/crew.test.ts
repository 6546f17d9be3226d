/** Tests of a crew: who is invited, who stands by, who comes in for a lost worker. */
import type { JobPlan, TrainRequest__Output, TrainResponse } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { Crew, type CrewEvent, crewSize } from './crew.js';
import type { WorkerEvent, WorkerPool, WorkerSession } from './ports.js';

interface TestSession extends WorkerSession {
  readonly sent: TrainResponse[];
}

/** A pool whose workers come and go as the test says. */
class TestPool implements WorkerPool {
  readonly sessions: TestSession[] = [];
  #listener: ((event: WorkerEvent) => void) | null = null;

  listen(listener: (event: WorkerEvent) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  get isListening(): boolean {
    return this.#listener !== null;
  }

  attach(workerId: string, numericClass = 'class-a', device = 'cpu'): TestSession {
    const sent: TrainResponse[] = [];
    const session = {
      ...{ key: { workerId, incarnation: 1 }, numericClass, device, reproducible: true, sent },
      send: (message: TrainResponse): void => void sent.push(message),
      end: (): void => {},
    };
    this.sessions.push(session);
    this.#listener?.({ type: 'attached', session });
    return session;
  }

  detach(session: TestSession): void {
    this.sessions.splice(this.sessions.indexOf(session), 1);
    this.#listener?.({ type: 'detached', session, why: 'its stream ended' });
  }

  ready(session: TestSession, jobId = 'job', failure: { code: string; message: string } | null = null): void {
    const message = { jobReady: { jobId, failure } } as TrainRequest__Output;
    this.#listener?.({ type: 'message', session, message });
  }
}

function start(
  size: number,
  more: { readonly device?: string; readonly queueTimeoutMs?: number } = {},
): { pool: TestPool; crew: Crew; changes: string[]; events: CrewEvent[] } {
  const pool = new TestPool();
  const changes: string[] = [];
  const events: CrewEvent[] = [];
  const plan: JobPlan = { jobId: 'job' };
  const crew = new Crew({
    ...{ pool, plan, size, numericClass: '', device: 'auto', ...more },
    onChange: (change, { workerId }) => void changes.push(`${workerId} ${change}`),
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

  it('refuses a worker of another numeric class', () => {
    const { pool, crew, changes } = start(2);
    pool.attach('a');
    const other = pool.attach('b', 'class-b');
    expect(other.sent).toEqual([]);
    expect(changes).toEqual(['b refused']);
    expect(crew.numericClass).toBe('class-a');
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

  it('says how many of the workers have the device, takes those that come, and starts', async () => {
    const { pool, crew, changes } = start(2, { device: 'cuda', queueTimeoutMs: 10_000 });
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

  it('fails with numbers when no worker came in time, and starts with those that did', async () => {
    const none = start(2, { device: 'cuda', queueTimeoutMs: 20 });
    none.pool.attach('a');
    await expect(none.crew.gather(() => undefined, new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'JOB_QUEUE_TIMEOUT', field: 'run.queueTimeout', value: '0.02' },
      message: expect.stringContaining('needs 2 cuda workers, 0 of 1 connected have cuda'),
    });
    const one = start(2, { queueTimeoutMs: 20 });
    one.pool.ready(one.pool.attach('a'));
    await one.crew.gather(() => undefined, new AbortController().signal);
    expect(names(one.crew)).toEqual(['a']);
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
    expect(crewSize(3, 4)).toEqual({ size: 3, note: '' });
    const { size, note } = crewSize(6, 4);
    expect(size).toBe(4);
    expect(note).toContain('2 stand by as spares');
  });
});
