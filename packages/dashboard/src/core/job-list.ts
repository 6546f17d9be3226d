/** The list of jobs, of pages that come one by one and of the first one that comes again and again. */
import type { Job, JobPage } from './wire.js';

/** Jobs that are known. */
export interface JobList {
  /** Newest first. */
  readonly jobs: readonly Job[];
  /** Of the next page; empty where there is none. */
  readonly nextPageToken: string;
  /** Whether pages beside the first were loaded. */
  readonly hasMore: boolean;
}

/** The list with the newest first page: what it no longer has among its own is gone. */
export function withFirstPage(list: JobList | null, page: JobPage): JobList {
  const oldest = page.jobs.at(-1);
  if (!list?.hasMore || !oldest) return { ...page, hasMore: false };
  const shown = new Set(page.jobs.map(({ id }) => id));
  const older = list.jobs.filter((job) => !shown.has(job.id) && job.createdUnixSeconds <= oldest.createdUnixSeconds);
  return { ...list, jobs: [...page.jobs, ...older] };
}

/** The list with the page that follows it. */
export function withNextPage(list: JobList, page: JobPage): JobList {
  const known = new Set(list.jobs.map(({ id }) => id));
  const added = page.jobs.filter(({ id }) => !known.has(id));
  return { jobs: [...list.jobs, ...added], nextPageToken: page.nextPageToken, hasMore: true };
}
