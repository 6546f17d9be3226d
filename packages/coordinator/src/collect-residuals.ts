/** Asks workers for what their lanes have not sent so far, for a checkpoint. */
import type { ResidualFrame__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { isSame, lifeOf } from './core/lane-state.js';
import type { ResidualBook } from './core/residual-book.js';
import type { Crew } from './crew.js';
import { COMMAND_TIMEOUT_MS, LEAST_RESIDUAL_BYTES } from './limits.js';
import { OwnerLost } from './owner-lost.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { WorkerSession } from './ports.js';

/** What residuals are collected with. */
export interface CollectPorts {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly crew: Crew;
  readonly versions: ParameterVersions;
  readonly signal: AbortSignal;
  /** Null where lanes have no residuals. */
  readonly residuals: ResidualBook | null;
}

interface Arriving {
  readonly vector: Float32Array;
  received: number;
}

/**
 * Residuals of all lanes between two steps, in vectors that nobody writes to any more; none where lanes have none.
 * @throws OwnerLost where the worker of a lane is gone or does not answer; the signal's reason
 */
export async function collectResiduals(ports: CollectPorts): Promise<readonly Float32Array[]> {
  const { residuals, crew, versions } = ports;
  if (!residuals) return [];
  const workers = crew.ready.map(({ key }) => key);
  const told = residuals.away.length === 0 ? new Map<number, Float32Array>() : await ask(ports, residuals);
  const nothing = new Float32Array(versions.current.length);
  return residuals.collected(told, workers).map((vector) => vector ?? nothing);
}

function ask(ports: CollectPorts, residuals: ResidualBook): Promise<ReadonlyMap<number, Float32Array>> {
  const { jobId, leadershipEpoch, crew, versions, signal } = ports;
  const { version, current } = versions;
  const missing = new Map(residuals.away.map(({ lane, owner }) => [lane, owner]));
  const arriving = new Map<number, Arriving>();
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      crew.listen(null);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const abort = (): void => end(() => reject(signal.reason));
    const giveUp = (why: string): void => end(() => reject(new OwnerLost(why)));
    const silent = (): void => {
      for (const owner of missing.values()) crew.find(owner)?.end('it does not tell the residuals of its lanes');
      giveUp(`the residuals of lanes ${[...missing.keys()].join(', ')} have not come`);
    };
    const timer = setTimeout(silent, COMMAND_TIMEOUT_MS);
    /** Since the time began to run. */
    let receivedBytes = 0;
    signal.addEventListener('abort', abort, { once: true });
    const take = (session: WorkerSession, frame: ResidualFrame__Output): void => {
      const { lane, startElement, data, failure } = frame;
      if (failure) throw violation(`${failure.code}: ${failure.message}`);
      const owner = missing.get(lane);
      if (!owner || !isSame(owner, session.key)) throw violation(`lane ${lane} is not asked for`);
      const known = arriving.get(lane) ?? { vector: new Float32Array(current.length), received: 0 };
      arriving.set(lane, known);
      const elements = data.length / Float32Array.BYTES_PER_ELEMENT;
      const isInside = elements > 0 && Number.isInteger(elements) && known.received + elements <= current.length;
      if (startElement !== known.received || !isInside) throw violation(`lane ${lane} comes with a gap`);
      new Uint8Array(known.vector.buffer).set(data, startElement * Float32Array.BYTES_PER_ELEMENT);
      known.received += elements;
      receivedBytes += data.length;
      if (receivedBytes >= LEAST_RESIDUAL_BYTES) {
        receivedBytes = 0;
        timer.refresh();
      }
      if (known.received === current.length) missing.delete(lane);
      if (missing.size === 0) end(() => resolve(new Map([...arriving].map(([each, { vector }]) => [each, vector]))));
    };
    crew.listen((event) => {
      if (event.type === 'lost' && [...missing.values()].some((owner) => isSame(owner, event.session.key)))
        return giveUp(`${event.session.key.workerId} was lost: ${event.why}`);
      if (event.type !== 'message' || !event.message.residual) return;
      const frame = event.message.residual;
      const isOurs =
        frame.jobId === jobId &&
        frame.leadershipEpoch === leadershipEpoch &&
        frame.incarnation === event.session.key.incarnation &&
        frame.version === version;
      if (!isOurs) return;
      try {
        take(event.session, frame);
      } catch (thrown) {
        event.session.end(LockstepError.from(thrown).message);
      }
    });
    if (signal.aborted) return abort();
    for (const [life, lanes] of lanesByOwner(residuals)) {
      const session = crew.ready.find(({ key }) => lifeOf(key) === life);
      if (!session) return giveUp(`${life.split('#')[0]} was lost before it told the residuals of its lanes`);
      const { incarnation } = session.key;
      session.send({ residual: { jobId, leadershipEpoch, incarnation, version, lanes } });
    }
  });
}

function lanesByOwner({ away }: ResidualBook): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { lane, owner } of away) found.set(lifeOf(owner), [...(found.get(lifeOf(owner)) ?? []), lane]);
  return found;
}

function violation(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `A worker sent residuals that cannot be used: ${what}.` });
}
