/** Tests of the registry on a clock of their own: incarnations, fences, heartbeats. */
import { setTimeout } from 'node:timers/promises';
import type { JoinRequest__Output, TrainRequest__Output, TrainResponse } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from './core/principal.js';
import {
  CLAIM_GRACE_MS,
  CLAIM_POLL_MS,
  HEARTBEAT_LOST_MS,
  HEARTBEAT_MS,
  MAX_WORKERS,
  MAX_WORKERS_OF_OWNER,
  NAME_KEPT_MS,
} from './limits.js';
import { WorkerRegistry } from './worker-registry.js';

const join = (workerName: string, processNonce = 'one'): JoinRequest__Output =>
  ({ workerName, processNonce, engine: null }) as JoinRequest__Output;

const owner = (id: string): Principal => ({ id, name: id, role: 'worker', namespaces: ['default'], anyName: true });

/** A registry that writes down what it tells its listeners and its workers. */
class Scene {
  nowMs = 0;
  readonly told: string[] = [];
  readonly sent: TrainResponse[] = [];
  readonly registry = new WorkerRegistry({ nowMs: () => this.nowMs, unixSeconds: () => 0 }, 1);

  constructor() {
    this.registry.listen((event) => {
      if (event.type === 'joined') {
        this.told.push(`joined ${event.workerId} ${event.processNonce}`);
        return;
      }
      const { workerId, incarnation } = event.session.key;
      this.told.push(`${event.type} ${workerId}#${incarnation}${'why' in event ? `: ${event.why}` : ''}`);
    });
  }

  attach(name: string) {
    const { workerId, incarnation } = this.registry.join(join(name));
    const close = (why: string): void => void this.told.push(`closed ${workerId}#${incarnation}: ${why}`);
    return this.registry.attach(workerId, incarnation, (message) => void this.sent.push(message), close);
  }

  /** Lets time pass, a heartbeat interval at a time. */
  pass(ms: number, eachTick: () => void = () => {}): void {
    for (let passed = 0; passed < ms; passed += HEARTBEAT_MS) {
      this.nowMs += HEARTBEAT_MS;
      eachTick();
      vi.advanceTimersByTime(HEARTBEAT_MS);
    }
  }
}

describe('a worker registry', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('lets go of the stream that a worker had before another one', () => {
    const scene = new Scene();
    const { key } = scene.attach('w');
    scene.registry.attach(
      key.workerId,
      key.incarnation,
      () => {},
      () => {},
    );
    expect(scene.told).toEqual([
      'joined w one',
      'attached w#1',
      'detached w#1: opened another stream',
      'closed w#1: opened another stream',
      'attached w#1',
    ]);
  });

  it('welcomes a worker and names those without a name', () => {
    const scene = new Scene();
    expect(scene.attach('').key.workerId).toBe('worker-0');
    expect(scene.attach('').key.workerId).toBe('worker-1');
    expect(scene.sent).toEqual([{ welcome: { leadershipEpoch: 1 } }, { welcome: { leadershipEpoch: 1 } }]);
    expect(scene.registry.sessions).toHaveLength(2);
  });

  it('fences the earlier life of a worker that joins again', () => {
    const scene = new Scene();
    const first = scene.attach('a');
    const second = scene.attach('a');
    expect(second.key.incarnation).toBeGreaterThan(first.key.incarnation);
    expect(() => scene.registry.heartbeat('a', first.key.incarnation)).toThrow(LockstepError);
    expect(() =>
      scene.registry.attach(
        'a',
        first.key.incarnation,
        () => {},
        () => {},
      ),
    ).toThrow('not the newest');
    scene.registry.message(first, { bye: null } as TrainRequest__Output);
    scene.registry.detach(first, 'late', 'vanished');
    expect(scene.registry.sessions).toEqual([second]);
    expect(scene.told).toEqual([
      'joined a one',
      'attached a#1',
      'detached a#1: joined again',
      'closed a#1: joined again',
      'joined a one',
      'attached a#2',
    ]);
  });

  it('loses a worker that falls silent, and no other', () => {
    const scene = new Scene();
    scene.attach('silent');
    const alive = scene.attach('alive');
    scene.pass(HEARTBEAT_LOST_MS + HEARTBEAT_MS, () => scene.registry.heartbeat('alive', alive.key.incarnation));
    expect(scene.registry.sessions).toEqual([alive]);
    expect(scene.told.filter((line) => line.startsWith('detached'))).toEqual([
      'detached silent#1: no heartbeat for 4.0 s',
    ]);
  });

  it("takes its own pause for nobody else's silence", () => {
    const scene = new Scene();
    const session = scene.attach('a');
    // Ten seconds in which this process read no socket.
    scene.nowMs += 10_000;
    vi.advanceTimersByTime(HEARTBEAT_MS);
    expect(scene.registry.sessions).toEqual([session]);
    scene.pass(HEARTBEAT_LOST_MS + HEARTBEAT_MS);
    expect(scene.registry.sessions).toEqual([]);
  });

  it("ends a worker's life on demand", () => {
    const scene = new Scene();
    scene.attach('a').end('it lied');
    expect(scene.told).toEqual(['joined a one', 'attached a#1', 'detached a#1: it lied', 'closed a#1: it lied']);
  });

  it('forgets the worker that has been away longest when it is full, but gives its name no old incarnation', () => {
    const scene = new Scene();
    const first = scene.registry.join(join('first'));
    for (let count = 1; count < MAX_WORKERS; count++) {
      scene.nowMs++;
      scene.registry.join(join(`w${count}`));
    }
    scene.registry.join(join('one more'));
    expect(() => scene.registry.heartbeat('first', first.incarnation)).toThrow('not the newest');
    expect(scene.registry.join(join('first')).incarnation).toBeGreaterThan(MAX_WORKERS);
  });

  it('refuses a name whose process is alive, and gives it away when that process is gone', async () => {
    vi.useRealTimers();
    const scene = new Scene();
    // Two containers of one name may have the same process id.
    const request = (nonce: number) => ({ ...join('a', String(nonce)), host: 'north', pid: 1 });
    const { incarnation } = scene.registry.join(request(1));
    const noop = (): void => {};
    const session = scene.registry.attach('a', incarnation, noop, noop);
    await scene.registry.claim(request(1));

    const refused = scene.registry.claim(request(2));
    scene.nowMs += CLAIM_GRACE_MS;
    scene.registry.heartbeat('a', incarnation);
    const early = await Promise.race([refused.catch(() => 'refused'), setTimeout(5 * CLAIM_POLL_MS, 'waits')]);
    // A word that may have been written before the question shows nothing.
    expect(early).toBe('waits');
    scene.nowMs += 1;
    scene.registry.heartbeat('a', incarnation);
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'WORKER_NAME_TAKEN', field: '--name', value: 'a' },
      message: 'A worker named a is alive: process 1 on north.',
    });

    const waiting = scene.registry.claim(request(2));
    scene.registry.detach(session, 'its stream was cut', 'vanished');
    await waiting;
    expect(scene.registry.join(request(2)).incarnation).toBeGreaterThan(incarnation);
  });

  it('takes no two processes that name none for one', async () => {
    vi.useRealTimers();
    const scene = new Scene();
    const { incarnation } = scene.registry.join(join('a', ''));
    const noop = (): void => {};
    scene.registry.attach('a', incarnation, noop, noop);
    const refused = scene.registry.claim(join('a', ''));
    scene.nowMs += CLAIM_GRACE_MS + 1;
    scene.registry.heartbeat('a', incarnation);
    await expect(refused).rejects.toMatchObject({ code: 'WORKER_NAME_TAKEN' });
  });

  it('A28 keeps a name for its owner while the worker may come back, and no longer', async () => {
    const scene = new Scene();
    const { incarnation } = scene.registry.join(join('a'), owner('alice'));
    scene.pass(NAME_KEPT_MS);
    await expect(scene.registry.claim(join('a', 'two'), owner('bob'))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    scene.pass(HEARTBEAT_MS);
    await scene.registry.claim(join('a', 'two'), owner('bob'));
    scene.registry.join(join('a', 'two'), owner('bob'));
    expect(() => scene.registry.heartbeat('a', incarnation, owner('alice'))).toThrow('not the newest');
  });

  it('A28 of two owners that have claimed a name at once the second to join does not get it', async () => {
    const scene = new Scene();
    await Promise.all(['alice', 'bob'].map((id) => scene.registry.claim(join('a', id), owner(id))));
    const { incarnation } = scene.registry.join(join('a', 'alice'), owner('alice'));
    expect(() => scene.registry.join(join('a', 'bob'), owner('bob'))).toThrow('may not speak for');
    scene.registry.heartbeat('a', incarnation, owner('alice'));
  });

  it('A28 one owner fills no places of others', () => {
    const scene = new Scene();
    const { incarnation } = scene.registry.join(join('victim'), owner('victim'));
    for (let count = 0; count < MAX_WORKERS_OF_OWNER + 10; count++) {
      scene.nowMs++;
      scene.registry.join(join(`w${count}`), owner('greedy'));
    }
    scene.registry.heartbeat('victim', incarnation, owner('victim'));
    for (let count = 0; count < MAX_WORKERS; count++) {
      const name = `of-${count % 4}-${count}`;
      scene.registry.join(join(name), owner(`accomplice-${count % 4}`));
    }
    scene.registry.heartbeat('victim', incarnation, owner('victim'));
  });

  it('A28 an owner whose workers are all connected gets no more of them', () => {
    const scene = new Scene();
    const noop = (): void => {};
    for (let count = 0; count < MAX_WORKERS_OF_OWNER; count++) {
      const { workerId, incarnation } = scene.registry.join(join(`w${count}`), owner('large'));
      scene.registry.attach(workerId, incarnation, noop, noop, owner('large'));
    }
    expect(() => scene.registry.join(join('one more'), owner('large'))).toThrow('large has at most');
    scene.registry.join(join('another'), owner('small'));
  });

  it('says goodbye to everybody', () => {
    const scene = new Scene();
    scene.attach('a');
    scene.registry.close('over');
    expect(scene.sent.at(-1)).toEqual({ bye: { reason: 'over' } });
  });
});
