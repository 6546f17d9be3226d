/** What browsers are told without asking again: of one job, and of all jobs and workers. */
import type { JobEvent } from '@lockstep/protocol';
import type { JobPhase } from '../core/job-machine.js';
import type { Principal } from '../core/principal.js';
import { followSoon } from '../follow-soon.js';
import type { Job } from '../job.js';
import { WORKERS_AGAIN_MS } from '../limits.js';
import { jsonOf } from './answers.js';
import type { EventStream, Feed } from './event-streams.js';
import type { Known } from './known.js';
import { plainActivity, plainEvent, plainListed } from './plain-messages.js';
import type { SharedLists } from './shared-lists.js';

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
      stream.send('event', textOf(event), sequence);
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
  const unfollow = followSoon(job, pump);
  const remembered = (): void => {
    isRemembered = true;
    pump();
  };
  job.remember().then(remembered, () => stream.end());
  const tick = (): void => {
    // What is going on now is told after all that went before.
    pump();
    const activity = stream.hasRoom && isRemembered ? activityOf(job) : null;
    if (activity) stream.send('activity', jsonOf(plainActivity(activity)));
  };
  return { pump, tick, close: unfollow };
}

/** Tells the newest jobs and the workers that a caller sees, when they have changed. */
export function clusterFeed(stream: EventStream, caller: () => Principal, lists: SharedLists): Feed {
  const told = { jobs: '?', workers: '?', workersMs: 0 };
  const tick = (): void => {
    if (!stream.hasRoom) return;
    const { jobs, workers } = lists.of(caller());
    if (told.jobs !== jobs.mark) {
      told.jobs = jobs.mark;
      stream.send('jobs', jobs.text());
    }
    const nowMs = performance.now();
    const isNews = told.workers !== workers.mark || nowMs - told.workersMs >= WORKERS_AGAIN_MS;
    if (!stream.hasRoom || !isNews) return;
    Object.assign(told, { workers: workers.mark, workersMs: nowMs });
    stream.send('workers', workers.text());
  };
  return { pump: tick, tick, close: () => {} };
}

/** Texts of events, made once for all streams. */
const texts = new WeakMap<JobEvent, string>();

function textOf(event: JobEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = jsonOf(plainEvent(event));
  texts.set(event, text);
  return text;
}

function isSame(told: JobPhase | null, phase: JobPhase): boolean {
  return told !== null && told.state === phase.state && told.reason === phase.reason;
}
