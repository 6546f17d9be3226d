/** The list of jobs: a first page that is told again and again, and older pages that were asked for. */
import { hasEnded } from './format.js';
import type { Job, JobPage } from './wire.js';

/** Jobs that are known. */
export interface JobList {
  /** As it was told last. */
  readonly first: JobPage;
  /** Pages beside the first. */
  readonly olderPages: number;
  /** Of all pages, newest first. */
  readonly jobs: readonly Job[];
  /** Of the page behind all of these; empty where there is none. */
  readonly nextPageToken: string;
}

/** The list with the newest first page: what it no longer has among its own is gone. */
export function withFirstPage(list: JobList | null, first: JobPage): JobList {
  if (!list?.olderPages || !first.nextPageToken) return { first, olderPages: 0, ...first };
  const shown = idsOf(first.jobs);
  // By their places: a clock that was set may have given an older job a later time.
  const last = list.jobs.findLastIndex(({ id }) => shown.has(id));
  return { ...list, first, jobs: [...first.jobs, ...list.jobs.slice(last + 1)] };
}

/** The list with the page behind it. */
export function withNextPage(list: JobList, page: JobPage): JobList {
  const known = idsOf(list.jobs);
  const added = page.jobs.filter(({ id }) => !known.has(id));
  const { nextPageToken } = page;
  return { ...list, olderPages: list.olderPages + 1, jobs: [...list.jobs, ...added], nextPageToken };
}

/** The list with all its older pages anew. @param begun the first page, as of when they were asked for */
export function withOlderPages(list: JobList, begun: JobPage, pages: readonly JobPage[]): JobList {
  const moved = idsOf(begun.jobs);
  // What has fallen out of the first page meanwhile stays where it was.
  const jobs = list.jobs.filter(({ id }, at) => at < list.first.jobs.length || moved.has(id));
  return pages.reduce(withNextPage, { ...list, olderPages: 0, jobs });
}

/** Whether a job that is on an older page only may still change. */
export function hasOlderOpen({ first, jobs }: JobList): boolean {
  return jobs.slice(first.jobs.length).some(({ state }) => !hasEnded(state));
}

function idsOf(jobs: readonly Job[]): ReadonlySet<string> {
  return new Set(jobs.map(({ id }) => id));
}
