/** Who gets which worker: one job at a time, in the order in which jobs began. */
import type { TrainRequest__Output } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import type { WorkerEvent, WorkerPool, WorkerSession } from './ports.js';
import { Workforce } from './workforce.js';

/** Workers that come and go as the test says. */
class Pool implements WorkerPool {
  readonly sessions: WorkerSession[] = [];
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
        reproducible: true,
        spokeMs: 0,
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

function start(workers: number): { pool: Pool; force: Workforce; sessions: WorkerSession[]; changes: () => number } {
  const pool = new Pool();
  let changes = 0;
  const force = new Workforce(pool, () => changes++);
  const sessions = Array.from({ length: workers }, (_, index) => pool.attach(`w${index}`));
  return { pool, force, sessions, changes: () => changes };
}

describe('a workforce', () => {
  it('gives a worker to one job only', () => {
    const { force, sessions } = start(3);
    const first = force.open('first', 2, 'auto');
    const second = force.open('second', 2, 'auto');
    expect(force.holdings).toEqual([
      { jobId: 'first', count: 2 },
      { jobId: 'second', count: 1 },
    ]);
    expect([force.free, force.total]).toEqual([0, 3]);
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
    const first = force.open('first', 1, 'cuda');
    expect(force.free).toBe(2);
    const cuda = pool.attach('g', 'cuda');
    const second = force.open('second', 3, 'auto');
    expect([first.claim(cuda), second.claim(cuda)]).toEqual([true, false]);
    expect(second.sessions).toEqual(sessions);
  });

  it('keeps workers that come for a job that prepares, then lets its crew take what it wants', () => {
    const { pool, force } = start(0);
    const first = force.open('first', 1, 'auto');
    const [a, b] = [pool.attach('a'), pool.attach('b')];
    expect([first.sessions, force.free]).toEqual([[a, b], 1]);
    const offered: string[] = [];
    first.listen((event) => void (event.type === 'attached' && offered.push(event.session.key.workerId)));
    pool.attach('c');
    expect([offered, force.free]).toEqual([['c'], 2]);
  });

  it('tells only the holder what a worker says, and every job that it is gone or has joined', () => {
    const { pool, force, sessions } = start(2);
    const heard: string[] = [];
    const open = (jobId: string, size: number): void => {
      force.open(jobId, size, 'auto').listen(({ type }) => void heard.push(`${jobId} ${type}`));
    };
    open('first', 1);
    open('second', 1);
    pool.say(sessions[1]!);
    expect(heard).toEqual(['second message']);
    pool.detach(sessions[1]!);
    expect(heard.splice(1)).toEqual(['first detached', 'second detached']);
    pool.join('w1');
    expect(heard.slice(1)).toEqual(['first joined', 'second joined']);
    expect(force.holdings.map(({ count }) => count)).toEqual([1, 0]);
  });

  it('offers workers that are let go to the others in their order, and says that something has changed', async () => {
    const { force, sessions, changes } = start(2);
    const [first, second, third] = ['first', 'second', 'third'].map((jobId) => force.open(jobId, 2, 'auto'));
    second?.listen((event) => {
      if (event.type === 'attached' && event.session === sessions[0]) second.claim(event.session);
    });
    first?.close();
    expect(force.holdings).toEqual([
      { jobId: 'second', count: 1 },
      { jobId: 'third', count: 1 },
    ]);
    expect(third?.sessions).toEqual([sessions[1]]);
    third?.release(sessions[1]!);
    expect([force.free, third?.sessions]).toEqual([1, [sessions[1]]]);
    const before = changes();
    await Promise.resolve();
    expect(changes()).toBe(before + 1);
  });
});
