/** Tests of the coordinator's side of the host link: whom it trusts, and how long it reads what a worker has left. */
import { type HostAnswer__Output, VectorMemory, vectorMemoryBytes } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { HostLink } from './host-link.js';
import { TestMemory } from './testing/memory.js';

const ELEMENTS = 16;
const SLOTS = 2;
const worker = { workerId: 'w', incarnation: 1 };

async function start(): Promise<{ link: HostLink; memory: TestMemory; challenge: string }> {
  const memory = new TestMemory();
  const link = await HostLink.open(memory, { elementCount: ELEMENTS, slotCount: SLOTS });
  const { bytes } = memory.open(link.offer.parametersPath ?? '', vectorMemoryBytes(ELEMENTS, 2));
  return { link, memory, challenge: new VectorMemory(bytes, ELEMENTS, 2).challenge };
}

/** What a worker does with an offer. */
async function answer(
  memory: TestMemory,
  challenge: string,
  own = challenge,
): Promise<{ answer: HostAnswer__Output; slots: readonly Float32Array[] }> {
  const { path, bytes } = await memory.create(vectorMemoryBytes(ELEMENTS, SLOTS));
  const gradients = new VectorMemory(bytes, ELEMENTS, SLOTS);
  gradients.challenge = own;
  return { answer: { challenge, gradientsPath: path, refusal: '' }, slots: gradients.vectors };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing was thrown';
  } catch (thrown) {
    return LockstepError.from(thrown).code;
  }
}

describe('the host link', () => {
  it('takes a worker that has read the challenge, and reads its slots and no others', async () => {
    const { link, memory, challenge } = await start();
    const said = await answer(memory, challenge);
    link.admit(worker, said.answer);
    said.slots[1]?.fill(3);
    expect(link.gradient(worker, 2)).toEqual(new Float32Array(ELEMENTS).fill(3));
    for (const slot of [0, 3, -1, 1.5]) expect(codeOf(() => link.gradient(worker, slot))).toBe('PROTOCOL_VIOLATION');
    expect(codeOf(() => link.gradient({ ...worker, incarnation: 2 }, 1))).toBe('PROTOCOL_VIOLATION');
  });

  it('refuses a worker that has not, shows memory that is not its own, or says why it cannot', async () => {
    const { link, memory, challenge } = await start();
    const wrong = challenge.replace(/./, (first) => (first === '0' ? '1' : '0'));
    const answers = [
      (await answer(memory, wrong)).answer,
      (await answer(memory, challenge, wrong)).answer,
      { challenge, gradientsPath: 'memory 99', refusal: '' },
      { challenge: '', gradientsPath: '', refusal: 'another machine' },
    ];
    for (const each of answers) expect(codeOf(() => link.admit(worker, each))).toBe('HOST_LINK_UNAVAILABLE');
    expect(link.has(worker)).toBe(false);
    expect(() => link.admit(worker, answers[3] as HostAnswer__Output)).toThrow('another machine');
  });

  it('finds nothing of a lost worker, and gives its memory back only once the step that may hold it is over', async () => {
    const { link, memory, challenge } = await start();
    const said = await answer(memory, challenge);
    link.admit(worker, said.answer);
    link.lost(worker);
    expect(codeOf(() => link.gradient(worker, 1))).toBe('PROTOCOL_VIOLATION');
    link.mark(1, null);
    expect(memory.discarded).toEqual([]);
    link.mark(1, 1);
    expect(memory.discarded).toEqual([said.answer.gradientsPath]);
  });

  it('gives everything back at its end', async () => {
    const { link, memory, challenge } = await start();
    for (const incarnation of [1, 2]) {
      link.admit({ ...worker, incarnation }, (await answer(memory, challenge)).answer);
    }
    link.lost(worker);
    link.close();
    expect(memory.discarded.sort()).toEqual(['memory 0', 'memory 1', 'memory 2']);
  });
});
