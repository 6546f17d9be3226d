/** Who gets which worker: one job at a time, in the order in which jobs were submitted. */
import type { TrainRequest__Output } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { EQUAL_SHARES, type Sharing } from './core/turns.js';
import type { CrewSize } from './crew-size.js';
import type { WorkerEvent, WorkerPool, WorkerSession } from './ports.js';
import { type JobShare, type JobWish, Workforce } from './workforce.js';

/** Workers that come and go as the test says. */
class Pool implements WorkerPool {
  readonly sessions: WorkerSession[] = [];
  /** Times that somebody asked whether a worker fits. */
  looks = 0;
  #tell: (event: WorkerEvent) => void = () => {};

  listen(listener: (event: WorkerEvent) => void): () => void {
    this.#tell = listener;
    return () => {};
  }

  attach(workerId: string, device = 'cpu'): WorkerSession {
    const session = {
      ...{
        key: { workerId, incarnation: 1 },
        numericClass: 'a',
        device,
        engine: 'onnxruntime',
        reproducible: true,
        spokeMs: 0,
        told: null,
        serves: () => ++this.looks > 0,
        processNonce: workerId,
      },
      ...{ send: () => {}, end: () => {} },
    };
    this.sessions.push(session);
    this.#tell({ type: 'attached', session });
    return session;
  }

  join(workerId: string): void {
    this.#tell({ type: 'joined', workerId, processNonce: workerId });
  }

  detach(session: WorkerSession): void {
    this.sessions.splice(this.sessions.indexOf(session), 1);
    this.#tell({ type: 'detached', session, why: 'gone', ending: 'vanished' });
  }

  say(session: WorkerSession): void {
    this.#tell({ type: 'message', session, message: {} as TrainRequest__Output });
  }
}

function start(
  workers: number,
  sharing: Sharing = EQUAL_SHARES,
): { pool: Pool; force: Workforce; sessions: WorkerSession[]; changes: () => number } {
  const pool = new Pool();
  let changes = 0;
  const force = new Workforce(pool, () => changes++, sharing);
  const sessions = Array.from({ length: workers }, (_, index) => pool.attach(`w${index}`));
  return { pool, force, sessions, changes: () => changes };
}

/** Takes a job in that waits. */
function enter(force: Workforce, jobId: string, size: CrewSize, wish: Partial<JobWish> = {}): JobShare {
  return force.enter({
    ...{
      jobId,
      size,
      device: 'auto',
      engine: 'onnxruntime',
      namespace: 'default',
      priority: 0,
      order: 0,
      mayYield: () => true,
    },
    ...wish,
  });
}

/** Takes a job in that begins at once. */
function open(force: Workforce, jobId: string, size: number, device = 'auto', least = 1): JobShare {
  const share = enter(force, jobId, { size, wanted: size, least }, { device });
  share.begin();
  return share;
}

/** Claims what a job is shown. @returns names of the workers, in their order */
function crewOf(share: JobShare, wants: (session: WorkerSession) => boolean = () => true): string[] {
  const shown: string[] = [];
  share.listen((event) => {
    if (event.type !== 'attached') return;
    shown.push(event.session.key.workerId);
    if (wants(event.session)) share.claim(event.session);
    else share.release(event.session);
  });
  return shown;
}

describe('a workforce', () => {
  it('gives a worker to one job only', () => {
    const { force, sessions } = start(3);
    const first = open(force, 'first', 2);
    const second = open(force, 'second', 2);
    expect([first.held, second.held]).toEqual([2, 1]);
    expect(sessions.map((session) => [first.claim(session), second.claim(session)])).toEqual([
      ...[
        [true, false],
        [true, false],
        [false, true],
      ],
    ]);
    expect([first.isAlone, second.isAlone]).toEqual([false, false]);
  });

  it('keeps only workers with its device for a job that prepares', () => {
    const { pool, force, sessions } = start(2);
    const first = open(force, 'first', 1, 'cuda');
    expect(first.held).toBe(0);
    const cuda = pool.attach('g', 'cuda');
    const second = open(force, 'second', 3);
    expect([first.claim(cuda), second.claim(cuda)]).toEqual([true, false]);
    expect([second.sessions, second.connected]).toEqual([sessions, [...sessions, cuda]]);
  });

  it('keeps workers that come for a job that prepares, then lets its crew take what it wants', () => {
    const { pool, force } = start(0);
    const first = open(force, 'first', 1);
    const [a, b] = [pool.attach('a'), pool.attach('b')];
    expect([first.sessions, first.held]).toEqual([[a, b], 1]);
    const shown = crewOf(first);
    pool.attach('c');
    expect([shown, first.held]).toEqual([['b', 'c'], 1]);
  });

  it('gives a job its workers once it has as many as it needs, and leaves them to others till then', () => {
    const { pool, force } = start(1);
    const pair = open(force, 'pair', 2, 'auto', 2);
    const shown = crewOf(pair);
    expect(pair.held).toBe(0);
    const short = open(force, 'short', 1);
    expect(short.held).toBe(1);
    pool.attach('b');
    expect([pair.held, pair.isAlone]).toEqual([0, false]);
    short.close();
    expect([pair.held, shown.slice(-2)]).toEqual([2, ['w0', 'b']]);
  });

  it('keeps workers for a job from others until it begins, whatever their namespaces have', () => {
    const { force } = start(4);
    const one = { size: 1, wanted: 1, least: 1 };
    enter(force, 'long', one, { namespace: 'a' }).begin();
    const gang = enter(force, 'gang', { size: 3, wanted: 3, least: 3 }, { namespace: 'a' });
    const streams = ['b', 'c'].map((namespace) => {
      const first = enter(force, `${namespace}1`, one, { namespace, priority: 1 });
      first.begin();
      return first;
    });
    for (const namespace of ['b', 'c']) enter(force, `${namespace}2`, one, { namespace, order: 1 });
    expect([force.begins, force.waiting[0]]).toEqual([[], 'gang']);
    streams[0]?.close();
    expect([force.begins, force.waiting[0]]).toEqual([[], 'gang']);
    streams[1]?.close();
    expect(force.begins).toEqual(['gang']);
    gang.begin();
    expect([gang.held, force.waiting]).toEqual([3, ['b2', 'c2']]);
    gang.leave();
    expect(force.begins).toEqual(['b2', 'c2']);
  });

  it('gives out all workers of a plan before it makes another', () => {
    const looks = [40, 80].map((workers) => {
      const { pool, force } = start(workers);
      const size = { size: workers, wanted: 1, least: 1 };
      const later = pool.sessions.splice(0);
      const shares = ['a', 'b'].map((namespace) => enter(force, namespace, size, { namespace }));
      for (const share of shares) share.begin();
      pool.sessions.push(...later);
      pool.looks = 0;
      pool.attach('last');
      expect(shares.reduce((sum, { held }) => sum + held, 0)).toBe(workers + 1);
      return pool.looks;
    });
    expect(looks[1]! / looks[0]!).toBeLessThan(2.5);
  });

  it('says that a job whose namespace may have no more workers is not alone', () => {
    const { force } = start(3, { ...EQUAL_SHARES, quotaOf: (namespace) => (namespace === 'a' ? 2 : 9) });
    const four = { size: 4, wanted: 4, least: 1 };
    const capped = enter(force, 'capped', four, { namespace: 'a' });
    capped.begin();
    expect([capped.held, capped.isAlone]).toEqual([2, false]);
    capped.close();
    const open = enter(force, 'open', four, { namespace: 'b' });
    open.begin();
    expect([open.held, open.isAlone]).toEqual([3, true]);
  });

  it('shows a job nothing that is kept for an earlier one, and gives the next what that has no use for', () => {
    const { pool, force, sessions } = start(3);
    const [runs] = [open(force, 'runs', 1), enter(force, 'pair', { size: 3, wanted: 3, least: 3 }, { device: 'cpu' })];
    const last = open(force, 'last', 1);
    const shown = crewOf(last);
    pool.attach('g', 'cuda');
    expect([runs.held, last.held]).toEqual([1, 1]);
    const free = enter(force, 'free', { size: 1, wanted: 1, least: 1 });
    expect([shown, last.sessions, free.held]).toEqual([['g'], [pool.sessions[3]], 0]);
    expect(last.shortfall).toMatchObject({ fit: 4, connected: 4 });
    expect(runs.sessions).toEqual([sessions[0]]);
  });

  it('gives a job no worker with another engine', () => {
    const { force } = start(2);
    const other = enter(force, 'other', { size: 1, wanted: 1, least: 1 }, { engine: 'tfjs' });
    other.begin();
    expect(other.held).toBe(0);
    expect(other.shortfall).toMatchObject({ fit: 0, connected: 2 });
    expect(open(force, 'own', 2).held).toBe(2);
  });

  it('goes past a crew that has no use for a worker until the crew asks for it', () => {
    const { force, sessions } = start(2);
    const first = enter(force, 'first', { size: 2, wanted: 2, least: 1 });
    let wanted = ['w0'];
    const shown = crewOf(first, ({ key }) => wanted.includes(key.workerId));
    first.begin();
    expect([shown.slice(0, 2), first.held]).toEqual([['w0', 'w1'], 1]);
    const second = open(force, 'second', 1);
    expect(second.held).toBe(1);
    second.close();
    wanted = ['w0', 'w1'];
    expect([first.held, first.claim(sessions[1]!), first.held]).toEqual([1, true, 2]);
  });

  it('keeps jobs in the order of priority, then of submission, whenever they enter', () => {
    const { force } = start(0);
    const one = { size: 1, wanted: 1, least: 1 };
    enter(force, 'second', one, { order: 2 });
    enter(force, 'low', one, { priority: -1 });
    enter(force, 'first', one, { order: 1 });
    enter(force, 'high', one, { priority: 7, order: 9 });
    enter(force, 'third', one, { order: 2 });
    expect(force.waiting).toEqual(['high', 'first', 'second', 'third', 'low']);
  });

  it('names jobs that are to make room once, and gives their workers to the one they leave for', () => {
    const { force } = start(3);
    const [older, newer] = [open(force, 'older', 1), open(force, 'newer', 2)];
    const high = enter(force, 'high', { size: 2, wanted: 2, least: 2 }, { priority: 1 });
    expect([...force.preempted]).toEqual([['newer', 'high']]);
    newer.leaving();
    expect([...force.preempted]).toEqual([]);
    newer.leave();
    expect([force.begins, force.waiting, newer.held]).toEqual([['high'], ['high', 'newer'], 0]);
    high.begin();
    expect([high.held, older.held, [...force.preempted]]).toEqual([2, 1, []]);
  });

  it('spares a job that may not make room now', () => {
    const { force } = start(1);
    enter(force, 'ends', { size: 1, wanted: 1, least: 1 }, { mayYield: () => false }).begin();
    enter(force, 'high', { size: 1, wanted: 1, least: 1 }, { priority: 1 });
    expect([...force.preempted]).toEqual([]);
  });

  it('tells only the holder what a worker says, and every job that it is gone or has joined', () => {
    const { pool, force, sessions } = start(2);
    const heard: string[] = [];
    const shares = ['first', 'second'].map((jobId) => open(force, jobId, 1));
    for (const [index, share] of shares.entries()) share.listen(({ type }) => void heard.push(`${index} ${type}`));
    pool.say(sessions[1]!);
    expect(heard).toEqual(['1 message']);
    pool.detach(sessions[1]!);
    expect(heard.splice(1)).toEqual(['0 detached', '1 detached']);
    pool.join('w1');
    expect(heard.slice(1)).toEqual(['0 joined', '1 joined']);
    expect(shares.map(({ held }) => held)).toEqual([1, 0]);
  });

  it('gives what is let go to the others in their order, and says that something has changed', async () => {
    const { force, changes } = start(2);
    const [first, second, third] = ['first', 'second', 'third'].map((jobId) => open(force, jobId, 2));
    const shown = crewOf(second!, ({ key }) => key.workerId === 'w0');
    first?.close();
    expect([second?.held, third?.held]).toEqual([1, 1]);
    expect(new Set(shown)).toEqual(new Set(['w0', 'w1']));
    const before = changes();
    await Promise.resolve();
    expect(changes()).toBe(before + 1);
  });
});
