/** Tests of which link a job takes. */
import { hostLinkUnavailable } from '@lockstep/protocol';
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { JobLink } from './job-link.js';
import { TestMemory } from './testing/memory.js';

/** The most elements that are small, and the next layout above. */
const SMALL = 65_536;
const LARGE = SMALL + 16;
const none = (): Promise<never> => Promise.reject(hostLinkUnavailable('this system has none'));

async function open(
  link: string,
  elementCount: number,
  memory: () => Promise<TestMemory> = async () => new TestMemory(),
): Promise<{ link: JobLink; notes: string[] }> {
  const { spec } = parseJobSpec(`
data: {path: data.csv, label: y}
model: [{dense: {units: 1}}]
train: {loss: mse}
run: {link: ${link}}
`);
  if (!spec) throw new Error('the spec of this test is wrong');
  const notes: string[] = [];
  const note = (message: string): void => void notes.push(message);
  return { link: await JobLink.open({ spec, elementCount, memory, note, onBytes: () => {} }), notes };
}

describe('the link of a job', () => {
  it.each([
    ['auto', SMALL, false],
    ['auto', LARGE, true],
    ['host', SMALL, true],
    ['network', LARGE, false],
  ])('%s with %i parameters shares memory: %s', async (asked, elements, isShared) => {
    const { link, notes } = await open(asked, elements);
    expect(link.offer !== null).toBe(isShared);
    expect(link.vectors.map(({ length }) => length)).toEqual([elements, elements]);
    expect(notes).toEqual([]);
  });

  it('is the network where memory cannot be shared, which a note says', async () => {
    const { link, notes } = await open('auto', LARGE, none);
    expect(link.offer).toBeNull();
    expect(notes).toEqual(['Memory cannot be shared: this system has none. The network link is used.']);
  });

  it('that must be shared memory fails with what is in the way', async () => {
    await expect(open('host', LARGE, none)).rejects.toMatchObject({
      ...{ code: 'HOST_LINK_UNAVAILABLE', field: 'run.link', value: 'host' },
      message: expect.stringContaining('this system has none'),
    });
  });

  it('broadcasts only while a worker needs it', async () => {
    const { link } = await open('auto', LARGE);
    const key = { workerId: 'w', incarnation: 1 };
    expect(link.needsBroadcast).toBe(false);
    expect(link.admit(key, null)).toBe('network');
    expect(link.needsBroadcast).toBe(true);
    link.lost(key);
    expect(link.needsBroadcast).toBe(false);
    expect(link.used).toBe('network');
  });
});
