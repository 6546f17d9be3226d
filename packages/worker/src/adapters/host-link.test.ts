/** Tests of the worker's side of the host link. */
import { PARAMETER_VECTORS, sharedMemory, VectorMemory, vectorMemoryBytes } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { type HostLink, openHostLink } from './host-link.js';

const ELEMENTS = 32;
const CHALLENGE = '0123456789abcdef0123456789abcdef';

async function start(): Promise<{ link: HostLink; versions: VectorMemory; path: string; bytes: number[] }> {
  const made = await (await sharedMemory()).create(vectorMemoryBytes(ELEMENTS, PARAMETER_VECTORS));
  const versions = new VectorMemory(made.bytes, ELEMENTS, PARAMETER_VECTORS);
  versions.challenge = CHALLENGE;
  const bytes: number[] = [];
  const offer = { parametersPath: made.path, gradientSlots: 2 };
  const onBytes = (count: number): void => void bytes.push(count);
  const link = await openHostLink(offer, { elementCount: ELEMENTS, memory: sharedMemory, onBytes });
  if (link instanceof LockstepError) throw link;
  return { link, versions, path: made.path, bytes };
}

describe.skipIf(process.platform !== 'linux')('a worker on the host link', () => {
  it('answers with the challenge that it has read, and shows the same at the head of its own memory', async () => {
    const { link } = await start();
    expect(link.answer.challenge).toBe(CHALLENGE);
    const memory = await sharedMemory();
    const { bytes } = memory.open(link.answer.gradientsPath ?? '', vectorMemoryBytes(ELEMENTS, 2), 'read');
    const seen = new VectorMemory(bytes, ELEMENTS, 2);
    expect(seen.challenge).toBe(CHALLENGE);
    link.slots[1]?.fill(4);
    expect(seen.vectors[1]).toEqual(new Float32Array(ELEMENTS).fill(4));
  });

  it('reads a version where it lies, counts it once, and notices that it is replaced', async () => {
    const { link, versions, bytes } = await start();
    const wanted = { leadershipEpoch: 1, version: 3, digest: 0 };
    await expect(link.parameters.whenComplete(wanted, 1)).rejects.toMatchObject({ code: 'LANE_FAILED' });
    versions.vectors[1]?.fill(0.5);
    versions.mark(1, 3);
    expect(await link.parameters.whenComplete(wanted, 1)).toEqual(new Float32Array(ELEMENTS).fill(0.5));
    await link.parameters.whenComplete(wanted, 1);
    expect(bytes).toEqual([ELEMENTS * 4]);
    expect(link.parameters.holds(wanted)).toBe(true);
    versions.mark(1, null);
    expect(link.parameters.holds(wanted)).toBe(false);
    versions.mark(1, 5);
    expect(link.parameters.holds(wanted)).toBe(false);
  });

  it('leaves what the coordinator may still read when it closes', async () => {
    const { link } = await start();
    const memory = await sharedMemory();
    const { bytes } = memory.open(link.answer.gradientsPath ?? '', vectorMemoryBytes(ELEMENTS, 2), 'write');
    link.slots[0]?.fill(9);
    link.close();
    expect(new VectorMemory(bytes, ELEMENTS, 2).vectors[0]).toEqual(new Float32Array(ELEMENTS).fill(9));
  });

  it('says why it shares no memory', async () => {
    const offer = { parametersPath: '/proc/1/fd/999999', gradientSlots: 1 };
    const options = { elementCount: ELEMENTS, memory: sharedMemory, onBytes: () => {} };
    expect(await openHostLink(offer, options)).toMatchObject({ code: 'HOST_LINK_UNAVAILABLE' });
  });
});
