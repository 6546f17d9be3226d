/** Workers that have joined: ids, incarnations, streams, heartbeats. */

import type { Activity__Output, JoinRequest__Output, TrainRequest__Output, TrainResponse } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { Ending } from './core/lane-state.js';
import { LOCAL, mayJoinAs, type Principal, sees } from './core/principal.js';
import {
  CLAIM_GRACE_MS,
  CLAIM_POLL_MS,
  HEARTBEAT_LOST_MS,
  HEARTBEAT_MS,
  MAX_WORKERS,
  MAX_WORKERS_OF_OWNER,
  NAME_KEPT_MS,
} from './limits.js';
import type { Clock, WorkerEvent, WorkerPool, WorkerSession } from './ports.js';
import { type ToldActivity, toldActivity } from './worker-activity.js';

interface Member {
  readonly workerId: string;
  /** Grows over all workers, so that a name that was forgotten and comes back is still a later one. */
  readonly incarnation: number;
  readonly join: JoinRequest__Output;
  /** Who has joined; nobody else speaks for it. */
  readonly owner: Principal;
  session: WorkerSession | null;
  close: ((why: string) => void) | null;
  lastHeardMs: number;
  /** When its last word came; unlike `lastHeardMs`, it is never moved. */
  spokeMs: number;
  told: ToldActivity | null;
  readonly joinedUnixSeconds: number;
}

/** A connected worker, as it is shown. */
export interface ConnectedMember {
  readonly workerId: string;
  readonly join: JoinRequest__Output;
  readonly session: WorkerSession;
  readonly joinedUnixSeconds: number;
  /** Since its last word. */
  readonly silentMs: number;
}

/** Incarnations of one leadership; the next one's are all later lives. */
const INCARNATIONS_PER_LEADERSHIP = 2 ** 20;

/** The worker side of the coordinator's state. */
export class WorkerRegistry implements WorkerPool {
  readonly #members = new Map<string, Member>();
  readonly #listeners = new Set<(event: WorkerEvent) => void>();
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  readonly #leadershipEpoch: number;
  #incarnation: number;
  #checkedMs: number;

  constructor(clock: Clock, leadershipEpoch: number) {
    this.#clock = clock;
    this.#leadershipEpoch = leadershipEpoch;
    this.#incarnation = (leadershipEpoch - 1) * INCARNATIONS_PER_LEADERSHIP;
    this.#checkedMs = clock.nowMs();
    this.#timer = setInterval(() => this.#expire(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  get sessions(): readonly WorkerSession[] {
    return [...this.#members.values()].flatMap(({ session }) => (session ? [session] : []));
  }

  listen(listener: (event: WorkerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Settles when a worker may have its name: the process that has it is this one, or gone. A process that is gone may
   * still have words in a socket, so only one that speaks a while after the question is alive.
   * @throws LockstepError WORKER_NAME_TAKEN, PERMISSION_DENIED where the name is not the caller's to take
   */
  async claim({ workerName, processNonce }: JoinRequest__Output, owner: Principal = LOCAL): Promise<void> {
    this.#checkName(workerName, owner);
    const askedMs = this.#clock.nowMs();
    for (;;) {
      const holder = this.#members.get(workerName);
      const isSame = processNonce !== '' && holder?.join.processNonce === processNonce;
      if (!holder?.session || isSame) return;
      if (holder.spokeMs > askedMs + CLAIM_GRACE_MS) throw nameTaken(workerName, holder.join);
      await new Promise((resolve) => setTimeout(resolve, CLAIM_POLL_MS));
    }
  }

  /**
   * Takes a worker in. A worker that joins again gets a new incarnation; its earlier one is fenced.
   * @param owner who speaks for it from now on
   * @throws LockstepError PERMISSION_DENIED where another owner has taken the name since it was claimed, LIMIT_EXCEEDED
   */
  join(join: JoinRequest__Output, owner: Principal = LOCAL): { workerId: string; incarnation: number } {
    const workerId = join.workerName || this.#freeName();
    this.#checkName(workerId, owner);
    const known = this.#members.get(workerId);
    if (known) this.#detach(known, 'joined again', 'vanished');
    else this.#makeRoom(owner);
    const incarnation = ++this.#incarnation;
    const heard = { lastHeardMs: this.#clock.nowMs(), spokeMs: 0, told: null };
    const joined = { joinedUnixSeconds: this.#clock.unixSeconds(), session: null, close: null };
    this.#members.set(workerId, { workerId, incarnation, join, owner, ...joined, ...heard });
    this.#emit({ type: 'joined', workerId, processNonce: join.processNonce });
    return { workerId, incarnation };
  }

  /** Connects a worker's stream. @throws LockstepError FENCED when the incarnation is not the newest */
  attach(
    workerId: string,
    incarnation: number,
    send: (message: TrainResponse) => void,
    close: (why: string) => void,
    caller: Principal = LOCAL,
  ): WorkerSession {
    const member = this.#current(workerId, incarnation, caller);
    // One stream at a time: whoever holds the one before must hear that it is gone.
    if (member.session) this.#detach(member, 'opened another stream', 'vanished');
    const session: WorkerSession = {
      key: { workerId, incarnation, ...(member.join.replicas > 1 ? { replicas: member.join.replicas } : {}) },
      numericClass: member.join.engine?.numericClass ?? '',
      device: member.join.engine?.provider ?? '',
      engine: member.join.engine?.name ?? '',
      reproducible: member.join.engine?.reproducible ?? false,
      processNonce: member.join.processNonce,
      serves: (namespace) => sees(member.owner, namespace),
      get spokeMs() {
        return member.spokeMs;
      },
      get told() {
        return member.told;
      },
      send,
      end: (why) => this.detach(session, why, 'expelled'),
    };
    member.session = session;
    member.close = close;
    member.lastHeardMs = this.#clock.nowMs();
    send({ welcome: { leadershipEpoch: this.#leadershipEpoch } });
    this.#emit({ type: 'attached', session });
    return session;
  }

  /** A worker is alive. @throws LockstepError FENCED, PERMISSION_DENIED */
  heartbeat(workerId: string, incarnation: number, caller = LOCAL, activity: Activity__Output | null = null): void {
    const member = this.#current(workerId, incarnation, caller);
    this.#hear(member);
    member.told = toldActivity(activity, member.spokeMs);
  }

  /** Workers with an open stream, by id. */
  get connected(): readonly ConnectedMember[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#members.values()]
      .flatMap(({ workerId, join, session, lastHeardMs, joinedUnixSeconds }) =>
        session ? [{ workerId, join, session, joinedUnixSeconds, silentMs: nowMs - lastHeardMs }] : [],
      )
      .sort((left, right) => (left.workerId < right.workerId ? -1 : 1));
  }

  /** Makes sure that a caller speaks for a worker. @throws LockstepError FENCED, PERMISSION_DENIED */
  check(workerId: string, incarnation: number, caller: Principal): void {
    this.#current(workerId, incarnation, caller);
  }

  /** A message of a worker; one of an earlier incarnation is dropped. */
  message(session: WorkerSession, message: TrainRequest__Output): void {
    const member = this.#members.get(session.key.workerId);
    if (member?.session !== session) return;
    this.#hear(member);
    this.#emit({ type: 'message', session, message });
  }

  /** A worker's stream is over. */
  detach(session: WorkerSession, why: string, ending: Ending): void {
    const member = this.#members.get(session.key.workerId);
    if (member?.session === session) this.#detach(member, why, ending);
  }

  /** Says goodbye to every worker. */
  close(reason: string): void {
    clearInterval(this.#timer);
    for (const { session } of this.#members.values()) session?.send({ bye: { reason } });
  }

  #hear(member: Member): void {
    member.lastHeardMs = this.#clock.nowMs();
    member.spokeMs = member.lastHeardMs;
  }

  #current(workerId: string, incarnation: number, caller: Principal): Member {
    const member = this.#members.get(workerId);
    if (!member || member.incarnation !== incarnation) {
      throw new LockstepError('FENCED', {
        message: `Worker ${workerId} with incarnation ${incarnation} is not the newest one.`,
        field: 'incarnation',
        value: String(incarnation),
      });
    }
    if (member.owner.id !== caller.id) throw notYours(workerId, caller);
    return member;
  }

  #detach(member: Member, why: string, ending: Ending): void {
    const { session, close } = member;
    member.session = null;
    member.close = null;
    if (!session) return;
    this.#emit({ type: 'detached', session, why, ending });
    close?.(why);
  }

  #expire(): void {
    const now = this.#clock.nowMs();
    // Where this process itself was late, heartbeats wait unread in its sockets: that pause is nobody's silence.
    const pauseMs = Math.max(0, now - this.#checkedMs - HEARTBEAT_MS);
    this.#checkedMs = now;
    for (const member of this.#members.values()) {
      member.lastHeardMs = Math.min(now, member.lastHeardMs + pauseMs);
      const silentMs = now - member.lastHeardMs;
      if (member.session && silentMs > HEARTBEAT_LOST_MS) {
        this.#detach(member, `no heartbeat for ${(silentMs / 1000).toFixed(1)} s`, 'vanished');
      }
      // Gone for good: its name is anybody's.
      if (!member.session && silentMs > NAME_KEPT_MS) this.#members.delete(member.workerId);
    }
  }

  /** @throws LockstepError PERMISSION_DENIED where a name is not an owner's to take */
  #checkName(workerName: string, owner: Principal): void {
    const known = this.#members.get(workerName);
    if (!mayJoinAs(owner, workerName) || (known && known.owner.id !== owner.id)) throw notYours(workerName, owner);
  }

  /**
   * Makes room for one more worker of an owner, at the cost of whoever has most: workers that are away are forgotten.
   * @throws LockstepError LIMIT_EXCEEDED when all of those are connected
   */
  #makeRoom({ id }: Principal): void {
    const members = [...this.#members.values()];
    const counts = new Map<string, number>();
    for (const { owner } of members) counts.set(owner.id, (counts.get(owner.id) ?? 0) + 1);
    const countOf = ({ owner }: Member): number => counts.get(owner.id) ?? 0;
    const most = id === LOCAL.id ? MAX_WORKERS : MAX_WORKERS_OF_OWNER;
    if ((counts.get(id) ?? 0) >= most) {
      const own = members.filter(({ owner }) => owner.id === id);
      this.#forgetOneOf(own, `${id} has at most ${most} workers.`);
    } else if (members.length >= MAX_WORKERS) {
      const away = members.filter(({ session }) => !session);
      const largest = Math.max(...away.map(countOf));
      const theirs = away.filter((member) => countOf(member) === largest);
      this.#forgetOneOf(theirs, `A coordinator has at most ${MAX_WORKERS} workers.`);
    }
  }

  /** Forgets the one of some workers that has been away longest. @throws LockstepError LIMIT_EXCEEDED */
  #forgetOneOf(members: readonly Member[], message: string): void {
    const away = members.filter(({ session }) => !session);
    const oldest = away.sort((left, right) => left.lastHeardMs - right.lastHeardMs)[0];
    if (!oldest) throw new LockstepError('LIMIT_EXCEEDED', { message, field: 'worker' });
    this.#members.delete(oldest.workerId);
  }

  #freeName(): string {
    for (let number = 0; ; number++) {
      const name = `worker-${number}`;
      if (!this.#members.has(name)) return name;
    }
  }

  #emit(event: WorkerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function notYours(workerId: string, { id, name, anyName }: Principal): LockstepError {
  return new LockstepError('PERMISSION_DENIED', {
    message: `${id} may not speak for the worker ${JSON.stringify(workerId)}.`,
    ...{ field: '--name', value: workerId },
    ...(anyName ? {} : { fix: `Join as --name ${name}, or ${name}.SUFFIX for one of several.` }),
  });
}

function nameTaken(workerName: string, { host, pid }: JoinRequest__Output): LockstepError {
  const message = `A worker named ${workerName} is alive: process ${pid} on ${host}.`;
  return new LockstepError('WORKER_NAME_TAKEN', { message, field: '--name', value: workerName });
}
