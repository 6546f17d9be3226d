/** What callers ask about jobs and do with them, through whichever door they came. */
import type { Job as JobMessage } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import { type Principal, sees } from '../core/principal.js';
import type { Job } from '../job.js';
import type { JobQueue } from '../job-queue.js';
import { pageSizeOf } from './page-size.js';
import { oneLine } from './words.js';

/** Which jobs are listed. */
export interface JobsAsked {
  /** 0 takes the default. */
  readonly pageSize: number;
  /** '' begins with the newest. */
  readonly pageToken: string;
  /** '' takes all that the caller sees. */
  readonly namespace: string;
}

/** Jobs of one page, newest first. */
export interface JobsPage {
  readonly jobs: readonly Job[];
  /** '' at the end of the list. */
  readonly nextPageToken: string;
}

/** The jobs that there are. */
export type Jobs = Pick<JobQueue, 'list' | 'get' | 'cancel'>;

/** Calls of those whose role permits them, which the gate has looked at. */
export class JobCalls {
  readonly #jobs: Jobs;

  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  /** A job that the caller sees. @throws LockstepError JOB_NOT_FOUND, also where it is of another namespace */
  find(caller: Principal, jobId: string): Job {
    return this.#jobs.get(jobId, (namespace) => sees(caller, namespace));
  }

  /** Jobs that the caller sees. @throws LockstepError USAGE */
  list(caller: Principal, { namespace: asked, pageSize, pageToken }: JobsAsked): JobsPage {
    const isListed = ({ submission: { namespace } }: Job): boolean =>
      sees(caller, namespace) && (asked === '' || asked === namespace);
    return pageOf(this.#jobs.list().filter(isListed), pageSize, pageToken);
  }

  /** Cancels a job that the caller sees. @throws LockstepError JOB_NOT_FOUND, LIMIT_EXCEEDED */
  async cancel(caller: Principal, asked: { readonly jobId: string; readonly reason: string }): Promise<Job> {
    const reason = oneLine(asked.reason, 'reason');
    return this.#jobs.cancel(this.find(caller, asked.jobId).id, reason);
  }
}

/** What the order of a list follows. */
type Place = Pick<Job, 'order' | 'id'>;

/** The place that a page token stands for. */
const PLACE = z.tuple([z.number(), z.string()]);

function newestFirst(a: Place, b: Place): number {
  return b.order - a.order || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** A page token is the place that the next page begins at, whether that job is still there or not. */
function pageOf(jobs: readonly Job[], pageSize: number, pageToken: string): JobsPage {
  const size = pageSizeOf(pageSize);
  const first = pageToken === '' ? null : placeIn(pageToken);
  const rest = jobs.filter((job) => first === null || newestFirst(first, job) <= 0).sort(newestFirst);
  const next = rest[size];
  return { jobs: rest.slice(0, size), nextPageToken: next ? tokenOf(next) : '' };
}

function tokenOf({ order, id }: Place): string {
  return Buffer.from(JSON.stringify([order, id])).toString('base64url');
}

/** @throws LockstepError USAGE */
function placeIn(pageToken: string): Place {
  try {
    const [order, id] = PLACE.parse(JSON.parse(Buffer.from(pageToken, 'base64url').toString()));
    return { order, id };
  } catch {
    throw new LockstepError('USAGE', { message: 'page_token is unknown.', field: 'page_token', value: pageToken });
  }
}

/** A job without the files of its result. */
export function listed(job: Job): JobMessage {
  const message = job.toMessage();
  return message.result
    ? { ...message, result: { ...message.result, metricsJson: '', historyCsv: '', curvesJson: '', processTimes: [] } }
    : message;
}
