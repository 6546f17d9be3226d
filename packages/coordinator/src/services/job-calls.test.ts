/** Lists of jobs, page by page. */
import { parseJobSpec } from '@lockstep/spec';
import { expect, it } from 'vitest';
import { LOCAL } from '../core/principal.js';
import { Job } from '../job.js';
import { JobIndex } from '../job-index.js';
import { SPEC } from '../testing/running-coordinator.js';
import { JobCalls } from './job-calls.js';

/** Jobs that were submitted at these seconds, in the order of their being known. */
function jobsOf(...submitted: readonly (readonly [id: string, unixSeconds: number])[]): {
  readonly index: JobIndex;
  readonly pages: (pageSize: number, between?: (page: number) => void) => string[];
} {
  const { spec } = parseJobSpec(SPEC);
  if (!spec) throw new Error('the spec of tests has a problem');
  const about = { namespace: 'default', requestId: '', fingerprint: '', dataName: 'data.csv', dataFiles: [] };
  const index = new JobIndex();
  for (const [id, seconds] of submitted) {
    const clock = { nowMs: () => 0, unixSeconds: () => seconds };
    index.add(new Job({ id, spec, resolvedYaml: SPEC, ...about, createdUnixSeconds: 0, order: seconds }, clock, 1));
  }
  const calls = new JobCalls({
    list: () => index.list(),
    get: (id) => index.get(id),
    cancel: async (id) => index.get(id),
  });
  const pages = (pageSize: number, between: (page: number) => void = () => {}): string[] => {
    const found = [];
    let pageToken = '';
    do {
      const page = calls.list(LOCAL, { pageSize, pageToken, namespace: '' });
      found.push(page.jobs.map(({ id }) => id).join(' '));
      pageToken = page.nextPageToken;
      between(found.length);
    } while (pageToken);
    return found;
  };
  return { index, pages };
}

it('are from the newest on, each once, also of those submitted at one time and after the clock was set back', () => {
  const { pages } = jobsOf(['c', 3.25], ['a', 1], ['b', 1], ['d', 3.25], ['e', 0.1]);
  for (const size of [1, 2, 3]) expect(pages(size).join(' ').split(' ')).toEqual(['d', 'c', 'b', 'a', 'e']);
});

it('go on where a job was that has been deleted since', () => {
  const { index, pages } = jobsOf(['a', 1], ['b', 2], ['c', 2], ['d', 3], ['e', 4]);
  expect(pages(2, (page) => page === 1 && index.delete(index.get('c')))).toEqual(['e d', 'b a']);
  const last = jobsOf(['a', 1], ['b', 2]);
  expect(last.pages(1, (page) => page === 1 && last.index.delete(last.index.get('a')))).toEqual(['b', '']);
});

it('do not begin at what is no page token', () => {
  const calls = new JobCalls(new JobIndex() as unknown as ConstructorParameters<typeof JobCalls>[0]);
  for (const text of ['nowhere', '{}', '[1]', '["a",1]', '[1,"a",2]', '[null,"a"]', '']) {
    const tokens = [Buffer.from(text).toString('base64url') || '=', text || '%'];
    for (const pageToken of tokens)
      expect(() => calls.list(LOCAL, { pageSize: 0, pageToken, namespace: '' }), text).toThrow(
        'page_token is unknown.',
      );
  }
});
