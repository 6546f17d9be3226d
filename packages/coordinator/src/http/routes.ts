/** What the page asks. A route stands for a method of gRPC, whose permissions and lines in the audit log it has. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import type { Principal } from '../core/principal.js';
import { respondJson } from './answers.js';
import type { EventStreams } from './event-streams.js';
import { clusterFeed, jobFeed } from './feeds.js';
import type { Known } from './known.js';
import { plainJob, plainPage } from './plain-messages.js';
import { readBody } from './read-body.js';
import { SharedLists } from './shared-lists.js';

/** A request to a route. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** '' where the path names no job. */
  readonly jobId: string;
}

/** A request of somebody who may make it. */
export interface KnownExchange extends Exchange {
  readonly who: Principal;
  /** Who makes it as of now. @throws LockstepError where it is let in no more */
  readonly again: () => Promise<Principal>;
}

/** What is answered to a method under a path. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Its group, where it has one, is the id of a job. */
  readonly path: RegExp;
  /** Paths of the methods of gRPC, all of which are to be permitted; the audit log has the first. */
  readonly standsFor: readonly [string, ...string[]];
  readonly answer: (exchange: KnownExchange) => Promise<void>;
}

const SERVICE = '/lockstep.v1.JobService';
const LIST_WORKERS = '/lockstep.v1.ClusterService/ListWorkers';
const CANCELLATION = z.strictObject({ reason: z.string() });

/** All of them. */
export function apiRoutes(known: Known, streams: EventStreams): readonly Route[] {
  const { jobs, activityOf } = known;
  const lists = new SharedLists(known);
  const listJobs: Route['answer'] = async ({ response, query, who }) => {
    const page = jobs.list(who, { pageSize: 0, pageToken: query.get('pageToken') ?? '', namespace: '' });
    respondJson(response, 200, plainPage(page));
  };
  const getJob: Route['answer'] = async ({ response, jobId, who }) => {
    const job = jobs.find(who, jobId);
    respondJson(response, 200, plainJob(job, activityOf(job)));
  };
  const cancelJob: Route['answer'] = async ({ request, response, jobId, who }) => {
    const { reason } = await readBody(request, CANCELLATION);
    respondJson(response, 200, plainJob(await jobs.cancel(who, { jobId, reason })));
  };
  const followJob: Route['answer'] = async ({ request, response, query, jobId, who, again }) => {
    const job = jobs.find(who, jobId);
    const after = sequenceOf(request.headers['last-event-id']?.toString() ?? query.get('after') ?? '0');
    const isStillLetIn = (): Promise<boolean> => isLetIn(async () => jobs.find(await again(), jobId));
    streams.open(request, response, who, (stream) => jobFeed(stream, job, after, known), isStillLetIn);
  };
  const followCluster: Route['answer'] = async ({ request, response, who: first, again }) => {
    let who = first;
    const isStillLetIn = (): Promise<boolean> =>
      isLetIn(async () => {
        who = await again();
      });
    streams.open(request, response, who, (stream) => clusterFeed(stream, () => who, lists), isStillLetIn);
  };
  return [
    { method: 'GET', path: /^\/api\/jobs$/, standsFor: [`${SERVICE}/ListJobs`], answer: listJobs },
    { method: 'GET', path: ofJob(''), standsFor: [`${SERVICE}/GetJob`], answer: getJob },
    { method: 'POST', path: ofJob('/cancel'), standsFor: [`${SERVICE}/CancelJob`], answer: cancelJob },
    { method: 'GET', path: ofJob('/events'), standsFor: [`${SERVICE}/WatchJob`], answer: followJob },
    { method: 'GET', path: /^\/api\/events$/, standsFor: [`${SERVICE}/ListJobs`, LIST_WORKERS], answer: followCluster },
  ];
}

function ofJob(rest: string): RegExp {
  return new RegExp(`^/api/jobs/([a-z0-9-]{1,63})${rest}$`);
}

/** @throws LockstepError USAGE */
function sequenceOf(text: string): number {
  const sequence = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  throw new LockstepError('USAGE', { message: 'after is no sequence of an event.', fix: 'Leave it out to have all.' });
}

/** What ends a stream; that the keys of a provider cannot be had for a while does not. */
const REFUSALS: readonly string[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'JOB_NOT_FOUND'];

async function isLetIn(look: () => Promise<unknown>): Promise<boolean> {
  return look().then(
    () => true,
    (thrown: unknown) => !REFUSALS.includes(LockstepError.from(thrown).code),
  );
}
