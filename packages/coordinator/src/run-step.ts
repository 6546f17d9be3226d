/**
 * File 1 of one step: assign lanes, command workers, gather and reduce, check and update, publish, commit. Who computes
 * which lane is decided in the next file, coordinator/core/lanes.ts.
 */
import { isEmptyLane, type LaneCodec, type LaneRange, LockstepError } from '@lockstep/protocol/core';
import { type Assignment, type LaneAction, type LaneEvent, lanesGiven, type WorkerKey } from './core/lane-state.js';
import { decide, owingAfter, startLanes } from './core/lanes.js';
import type { ResidualBook } from './core/residual-book.js';
import type { CoordinatorPhase } from './core/step-times.js';
import type { UpdateRule } from './core/update.js';
import type { Crew } from './crew.js';
import { Gather, type GradientBuffers, type LaneSum, type LaneValue, type StepSums } from './gather.js';
import type { JobLink } from './job-link.js';
import { laneEventOf, stepCommand } from './lane-messages.js';
import type { LanePace } from './lane-pace.js';
import { TICK_MS } from './limits.js';
import { ownerLost, ownersOf } from './owner-lost.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { Clock } from './ports.js';
import { checkLoss, laneFailed } from './step-errors.js';
import type { StepWatch } from './step-watch.js';
import type { Updater } from './updater.js';

/** What steps of one job need. */
export interface StepPorts {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly laneCount: number;
  readonly crew: Crew;
  readonly versions: ParameterVersions;
  readonly link: Pick<JobLink, 'isHost'>;
  readonly rule: UpdateRule;
  /** What lanes travel as; null where their vectors do. */
  readonly codec: LaneCodec | null;
  /** What lanes have not sent, where they have a codec. */
  readonly residuals: ResidualBook | null;
  readonly updater: Updater;
  readonly buffers: GradientBuffers;
  readonly pace: LanePace;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly watch: Pick<StepWatch, 'began' | 'lanes' | 'ended'>;
  readonly onPhase: (phase: CoordinatorPhase, seconds: number) => void;
  readonly onDecision: (reason: string, retriedLanes: number, isLoss: boolean) => void;
  /** Two workers gave other bits for the same lanes. */
  readonly onDifference: (worker: WorkerKey, range: LaneRange, step: number) => void;
  /** Two workers gave other results for the same evaluation chunk. */
  readonly onChunkDifference: (worker: WorkerKey, chunk: number) => void;
}

/** Which step. */
export interface StepPlace {
  /** 0-based among all steps of the job. */
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Rows of this global batch. */
  readonly rows: number;
  readonly learningRate: number;
}

/** A committed step, or why there was nothing to commit. */
export type StepOutcome =
  | { readonly sums: StepSums; readonly error: null }
  | { readonly sums: null; readonly error: LockstepError };

/**
 * Runs one step on the current version.
 * @returns its sums, after version v + 1 is committed; NUMERICS_NOT_FINITE where there is none, with nothing changed
 * @throws OwnerLost where a worker is gone and its residuals with it
 */
export async function runStep(place: StepPlace, ports: StepPorts): Promise<StepOutcome> {
  const total = await gatherLanes(place, ports);
  const gathered = ports.clock.nowMs();
  const error = await updateError(total, place, ports);
  for (const gradient of total.gradients) ports.buffers.give(gradient);
  if (error) return { sums: null, error };
  const updated = ports.clock.nowMs();
  ports.onPhase('update', (updated - gathered) / 1000);
  await ports.versions.commit();
  ports.onPhase('broadcast', (ports.clock.nowMs() - updated) / 1000);
  return { sums: total.sums, error: null };
}

/** Writes the next version. @returns NUMERICS_NOT_FINITE where it can not be written */
async function updateError(total: LaneSum, place: StepPlace, ports: StepPorts): Promise<LockstepError | null> {
  const { learningRate, step } = place;
  const { versions, updater } = ports;
  const { gradients, sums } = total;
  try {
    checkLoss(sums, step);
    const vectors = { parameters: versions.current, gradients, next: versions.next() };
    await updater.update({ ...vectors, denominator: sums.denominator, learningRate, step });
    return null;
  } catch (thrown) {
    if (thrown instanceof LockstepError && thrown.code === 'NUMERICS_NOT_FINITE') return thrown;
    throw thrown;
  }
}

type LaneResult = Extract<LaneEvent, { type: 'result' }>;
type Accept = Extract<LaneAction, { type: 'accept' }>;
/** Where attempts begin when lanes are computed once more, so that late answers to the first try are told from them. */
const AGAIN_ATTEMPT = 2 ** 16;
/** Events of every step, which are no news. */
const QUIET: ReadonlySet<LaneEvent['type']> = new Set(['start', 'result', 'returned']);

/**
 * Commands workers until every lane has arrived.
 * @param onLane computes the lanes once more, each on its own, and sees each before the sum
 */
export function gatherLanes(
  place: StepPlace,
  ports: StepPorts,
  onLane: ((range: LaneRange, value: LaneValue) => void) | null = null,
): Promise<LaneSum> {
  const isSkipped = (lane: number): boolean => isEmptyLane(lane, ports.laneCount, place.rows);
  const lanes = Array.from({ length: ports.laneCount }, (_, lane) => lane).filter((lane) => !isSkipped(lane));
  const tree = { laneCount: ports.laneCount, isSkipped, format: ports.rule.format, codec: ports.codec };
  const gather = new Gather(ports.buffers, tree, onLane);
  const { crew, residuals, jobId, leadershipEpoch, versions, pace } = ports;
  const started = ports.clock.nowMs();
  let reduceMs = 0;
  return new Promise((resolve, reject) => {
    const workers = crew.ready.map(({ key }) => key);
    const { version } = versions;
    const firstAttempt = onLane === null ? 0 : AGAIN_ATTEMPT;
    const current = { jobId, leadershipEpoch, step: place.step, version, firstAttempt };
    const held = residuals && ownersOf(residuals, crew, version, place.step);
    const times = { owing: pace.owing, patience: pace.patience(workers, residuals?.origin === version) };
    let state = startLanes({ step: place.step, lanes, workers, ...times, nextAttempt: firstAttempt, ...held });
    const end = (finish: () => void): void => {
      clearInterval(ticks);
      crew.listen(null);
      ports.signal.removeEventListener('abort', abort);
      finish();
    };
    const giveUp = (why: unknown): void => end(() => void gather.settled().then(() => reject(why)));
    const abort = (): void => giveUp(ports.signal.reason);
    const handle = (event: LaneEvent): void => {
      const decision = decide(state, event, ports.clock.nowMs());
      state = decision.state;
      ports.watch.lanes(state);
      if (event.type === 'lost') gather.forget(event.worker);
      const isNews = event.type === 'tick' ? decision.actions.length > 0 : !QUIET.has(event.type);
      if (isNews) ports.onDecision(decision.reason, lanesGiven(decision.actions), event.type === 'lost');
      for (const action of decision.actions) carryOut(action, event);
    };
    const carryOut = (action: LaneAction, event: LaneEvent): void => {
      if (action.type === 'assign') command(action.assignment, onLane !== null);
      else if (action.type === 'accept' && event.type === 'result') accept(event, action);
      else if (action.type === 'discard' && event.type === 'result') discard(event, action.range);
      else if (action.type === 'expel') crew.find(action.worker)?.end(action.why);
      else if (action.type === 'complete') complete();
      else if (action.type === 'giveUp') giveUp(ownerLost(action.why, state, residuals));
      else if (action.type === 'fail') giveUp(laneFailed(action, { ...place, laneCount: ports.laneCount }));
    };
    const command = ({ worker, attempt, lanes: given }: Assignment, isEachAlone: boolean): void => {
      const groups = isEachAlone ? given.map((lane) => [lane]) : [[...given]];
      for (const group of groups)
        crew.find(worker)?.send({ step: stepCommand({ worker, attempt }, group, place, ports) });
    };
    const discard = ({ worker, attempt }: LaneResult, range: LaneRange): void => {
      if (!gather.discard(worker, attempt, range)) ports.onDifference(worker, range, place.step);
    };
    const accept = ({ worker, attempt }: LaneResult, { range, isContested }: Accept): void => {
      const before = ports.clock.nowMs();
      gather.accept(worker, attempt, range, isContested);
      reduceMs += ports.clock.nowMs() - before;
    };
    const complete = (): void => {
      const before = ports.clock.nowMs();
      const tookMs = before - started - reduceMs;
      ports.onPhase('compute', tookMs / 1000);
      pace.finished(tookMs, owingAfter(state));
      residuals?.computed(place.step, lanes);
      const reduced = (): void => ports.onPhase('reduce', (reduceMs + ports.clock.nowMs() - before) / 1000);
      end(() => resolve(gather.total().finally(reduced)));
    };
    ports.signal.addEventListener('abort', abort, { once: true });
    const ticks = setInterval(() => handle({ type: 'tick' }), TICK_MS);
    crew.listen((event) => {
      try {
        const laneEvent = laneEventOf(event, current, gather);
        if (laneEvent) handle(laneEvent);
      } catch (thrown) {
        // A worker that broke the protocol is none any more; anything else is a fault of this side.
        const isPeerFault = thrown instanceof LockstepError && thrown.code === 'PROTOCOL_VIOLATION';
        if (isPeerFault && event.type === 'message') event.session.end(thrown.message);
        else giveUp(thrown);
      }
    });
    if (ports.signal.aborted) abort();
    else handle({ type: 'start' });
    ports.onPhase('command', (ports.clock.nowMs() - started) / 1000);
  });
}
