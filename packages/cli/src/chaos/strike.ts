/** Lets one fault happen on the rig, waits until the job has got over it, and says what it cost. */
import type { JobEvent__Output } from '@lockstep/client';
import type { Fault, FaultKind } from './faults.js';
import type { JobObserver } from './observer.js';
import { pauseProcess } from './pause.js';
import type { Rig, RigWorker } from './rig.js';
import { standstillSeconds } from './standstill.js';

/** A fault that has happened. */
export interface Struck {
  readonly kind: FaultKind;
  /** Newest step when it happened. */
  readonly step: number;
  /** Seconds until the coordinator's events show it; null where they never do. */
  readonly noticedSeconds: number | null;
  /** Seconds that the job stood still at most. */
  readonly lostSeconds: number;
}

/** Workers that are started above the job's own at most. */
const MAX_SPARES = 2;
/** A job that commits no step for this long has not got over a fault. */
const PATIENCE_MS = 180_000;
/** What follows a fault is put down to it for this long at least: more than three missed heartbeats. */
const NOTICE_MS = 5_000;

/** Where a fault happens. */
export interface Scene {
  readonly rig: Rig;
  readonly job: JobObserver;
  /** Workers that the job wants. */
  readonly wanted: number;
  /** Step at which the next fault is due: a pause or a wait for notice ends there. */
  readonly nextStep: number;
}

/** Lets a fault happen. @returns null where the job does not go on */
export async function strike(fault: Fault, scene: Scene): Promise<Struck | null> {
  const { rig, job, nextStep } = scene;
  const worker = rig.workers[Math.floor(fault.target * rig.workers.length)];
  const fromMs = performance.now();
  const fromUnixSeconds = Date.now() / 1000;
  const { step } = job;
  await happen(fault, scene, worker);
  const isNotice = noticeOf(fault.kind, worker?.name ?? '');
  const noticed = (): JobEvent__Output | undefined =>
    job.events.find((event) => event.unixSeconds >= fromUnixSeconds && isNotice(event));
  if (NOTICED.has(fault.kind)) await job.until(() => noticed() !== undefined || job.step >= nextStep, NOTICE_MS);
  const overMs = performance.now();
  const goesOn = await job.until(
    () => job.samples.some((sample) => sample.atMs > overMs && sample.step > step),
    PATIENCE_MS,
  );
  if (!goesOn && !job.isOver) return null;
  const event = noticed();
  return {
    ...{ kind: fault.kind, step },
    noticedSeconds: event ? Math.max(0, event.unixSeconds - fromUnixSeconds) : null,
    lostSeconds: standstillSeconds(job.samples, fromMs),
  };
}

/** Kinds whose event is waited for, as it always comes. */
const NOTICED: ReadonlySet<FaultKind> = new Set(['worker-kill', 'worker-drain', 'coordinator-kill']);

async function happen(fault: Fault, scene: Scene, worker: RigWorker | undefined): Promise<void> {
  const { rig, job, wanted, nextStep } = scene;
  switch (fault.kind) {
    case 'worker-kill':
      if (worker) await rig.endWorker(worker, 'SIGKILL');
      if (rig.workers.length < wanted) rig.addWorker();
      return;
    case 'worker-pause': {
      const resume = worker?.process.pid ? pauseProcess(worker.process.pid) : () => {};
      await job.until(() => job.step >= nextStep, fault.pauseSeconds * 1000);
      return resume();
    }
    case 'worker-drain':
      if (worker) await rig.endWorker(worker, 'SIGTERM');
      rig.addWorker();
      return;
    case 'worker-add':
      // The oldest makes room, so that a long schedule does not fill the machine.
      if (rig.workers.length >= wanted + MAX_SPARES && rig.workers[0]) await rig.endWorker(rig.workers[0], 'SIGTERM');
      rig.addWorker();
      return;
    case 'nats-restart':
      return rig.restartNats();
    case 'coordinator-kill':
      return rig.restartCoordinator();
  }
}

/** Whether an event shows that a fault was noticed. */
function noticeOf(kind: FaultKind, worker: string): (event: JobEvent__Output) => boolean {
  return ({ rewound, workerChanged, note }) => {
    if (kind === 'coordinator-kill') return rewound !== null;
    if (kind === 'nats-restart' || kind === 'worker-add') return false;
    if (workerChanged?.workerId === worker && workerChanged.change === 'lost') return true;
    return kind === 'worker-pause' && note?.code === 'LANES_MOVED';
  };
}
