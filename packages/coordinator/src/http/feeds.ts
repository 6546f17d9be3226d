/** What browsers are told without asking again: of one job, and of all jobs and workers. */
import type { ConnectedWorker, JobActivity } from '@lockstep/protocol';
import type { JobPhase } from '../core/job-machine.js';
import type { Principal } from '../core/principal.js';
import type { Job } from '../job.js';
import { WORKERS_AGAIN_MS } from '../limits.js';
import type { JobCalls } from '../services/job-calls.js';
import { jsonOf } from './answers.js';
import type { EventStream, Feed } from './event-streams.js';
import { plainActivity, plainEvent, plainListed, plainPage, plainWorkers } from './plain-messages.js';

/** What the services know, as HTTP asks for it. */
export interface Known {
  readonly jobs: JobCalls;
  /** What a job's processes do now; null of one that does not run. */
  readonly activityOf: (job: Job) => JobActivity | null;
  /** Connected workers as a caller sees them. */
  readonly workers: (caller: Principal) => readonly ConnectedWorker[];
}

/**
 * Tells a job's events as WatchJob does, its state, and what its processes do.
 * @param after sequence of the event that the browser has had last
 */
export function jobFeed(stream: EventStream, job: Job, after: number, { activityOf }: Pick<Known, 'activityOf'>): Feed {
  let sequence = after;
  let told: JobPhase | null = null;
  let isRemembered = false;
  const tellJob = (): void => {
    if (!stream.hasRoom || isSame(told, job.phase)) return;
    told = job.phase;
    stream.send('job', jsonOf(plainListed(job)));
  };
  const tellEvents = (): void => {
    for (const event of job.eventsAfter(sequence)) {
      if (!stream.hasRoom) return;
      sequence = Number(event.sequence);
      stream.send('event', jsonOf(plainEvent(event)), sequence);
    }
  };
  const pump = (): void => {
    if (!isRemembered) return;
    if (!told) tellJob();
    tellEvents();
    tellJob();
    if (!job.hasEnded || !stream.hasRoom) return;
    stream.send('end', '{}');
    stream.end();
  };
  const unfollow = job.follow(pump);
  const remembered = (): void => {
    isRemembered = true;
    pump();
  };
  job.remember().then(remembered, () => stream.end());
  const tick = (): void => {
    const activity = stream.hasRoom && isRemembered ? activityOf(job) : null;
    if (activity) stream.send('activity', jsonOf(plainActivity(activity)));
  };
  return { pump, tick, close: unfollow };
}

/** Tells the newest jobs and the workers that a caller sees, when they have changed. */
export function clusterFeed(stream: EventStream, caller: () => Principal, { jobs, workers }: Known): Feed {
  const told = { jobs: '?', workers: '?', workersMs: 0 };
  const tellJobs = (): void => {
    const page = jobs.list(caller(), NEWEST);
    const mark = page.jobs.map(({ id, updatedUnixSeconds }) => `${id} ${updatedUnixSeconds}`).join('\n');
    if (!stream.hasRoom || told.jobs === mark) return;
    told.jobs = mark;
    stream.send('jobs', jsonOf(plainPage(page)));
  };
  const tellWorkers = (): void => {
    const connected = workers(caller());
    const mark = connected.map(({ workerId, state, jobId }) => `${workerId} ${state} ${jobId}`).join('\n');
    const nowMs = performance.now();
    const isNews = told.workers !== mark || nowMs - told.workersMs >= WORKERS_AGAIN_MS;
    if (!stream.hasRoom || !isNews) return;
    Object.assign(told, { workers: mark, workersMs: nowMs });
    stream.send('workers', jsonOf(plainWorkers(connected)));
  };
  const tick = (): void => {
    tellJobs();
    tellWorkers();
  };
  return { pump: tick, tick, close: () => {} };
}

function isSame(told: JobPhase | null, phase: JobPhase): boolean {
  return told !== null && told.state === phase.state && told.reason === phase.reason;
}

/** The first page. */
const NEWEST = { pageSize: 0, pageToken: '', namespace: '' } as const;
