/** The list of jobs, of pages that are told and asked for at different times. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasOlderOpen, type JobList, withFirstPage, withNextPage, withOlderPages } from './job-list.js';
import { type JobPage, readJob } from './wire.js';

const page = (nextPageToken: string, ...ids: readonly number[]): JobPage => ({
  jobs: ids.map((id) => readJob({ id: `j${id}` })),
  nextPageToken,
});
const idsOf = (list: JobList) => list.jobs.map(({ id }) => id).join(' ');

it('takes in new jobs and loses deleted ones, with the pages that were loaded', () => {
  const first = withFirstPage(null, page('j4', 6, 5));
  const both = withNextPage(first, page('j2', 4, 3));
  expect([idsOf(both), both.nextPageToken]).toEqual(['j6 j5 j4 j3', 'j2']);
  const newer = withFirstPage(both, page('j5', 7, 6));
  expect([idsOf(newer), newer.nextPageToken]).toEqual(['j7 j6 j5 j4 j3', 'j2']);
  expect(idsOf(withFirstPage(newer, page('j4', 7, 5)))).toBe('j7 j5 j4 j3');
});

it('is the first page alone where no other was loaded, or there is none any more', () => {
  const first = withFirstPage(null, page('j4', 6, 5));
  expect(idsOf(withFirstPage(first, page('j5', 7, 6)))).toBe('j7 j6');
  const both = withNextPage(first, page('', 4));
  expect(withFirstPage(both, page('', 6, 4))).toMatchObject({ olderPages: 0, nextPageToken: '' });
});

it('has older pages anew, and keeps what fell out of the first page meanwhile', () => {
  const both = withNextPage(withFirstPage(null, page('j4', 6, 5)), page('j2', 4, 3));
  const anew = withOlderPages(both, both.first, [page('j2', 4), page('', 2)]);
  expect([idsOf(anew), anew.nextPageToken, anew.olderPages]).toEqual(['j6 j5 j4 j2', '', 2]);
  const moved = withFirstPage(both, page('j5', 7, 6));
  expect(idsOf(withOlderPages(moved, both.first, [page('j1', 3, 2)]))).toBe('j7 j6 j5 j3 j2');
});

it('knows whether an older job may change, whatever those of the first page do', () => {
  const at = (state: string): JobPage => ({ jobs: [readJob({ id: state, state })], nextPageToken: 'next' });
  const first = withFirstPage(null, at('JOB_STATE_RUNNING'));
  expect(hasOlderOpen(withNextPage(first, at('JOB_STATE_FAILED')))).toBe(false);
  expect(hasOlderOpen(withNextPage(first, at('JOB_STATE_PENDING')))).toBe(true);
});

it('is what the coordinator has, each job once, after all pages were asked for, whatever was told before', () => {
  const SIZE = 3;
  /** Jobs as they are at some time, the newest first, in pages. */
  const pagesOf = (ids: readonly number[]): readonly JobPage[] =>
    Array.from({ length: Math.max(1, Math.ceil(ids.length / SIZE)) }, (_, at) => {
      const start = at * SIZE;
      const next = ids[start + SIZE];
      return page(next === undefined ? '' : `j${next}`, ...ids.slice(start, start + SIZE));
    });
  const times = fc.array(fc.uniqueArray(fc.nat(30), { maxLength: 15 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(times, (cluster) => {
      let list: JobList | null = null;
      for (const ids of cluster) {
        const pages = pagesOf([...ids].sort((one, other) => other - one));
        list = withFirstPage(list, pages[0]!);
        expect(new Set(list.jobs).size).toBe(list.jobs.length);
        if (pages.length > 1) list = withOlderPages(list, list.first, pages.slice(1));
        expect(list.jobs).toEqual(pages.flatMap(({ jobs }) => jobs));
      }
    }),
  );
});
