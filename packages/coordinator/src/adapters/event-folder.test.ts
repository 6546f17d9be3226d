import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type EventPlace,
  epochEvent,
  graphEvent,
  stepEvent,
  testEvent,
  versionEvent,
} from '../core/tensorboard/events.js';
import { eventPoints } from '../testing/event-points.js';
import { EventFolder } from './event-folder.js';
import { systemClock } from './system-clock.js';

const head = (): Uint8Array[] => [versionEvent(1), graphEvent(1, new Uint8Array(3))];
const at = (step: number) => ({ step, unixSeconds: 5 });
const steps = [1, 2, 3, 4].map((step) => stepEvent(at(step), { loss: step, learningRate: 1, rowsPerSecond: 1 }));
const all = [
  ...steps.slice(0, 2),
  epochEvent(at(2), { loss: 1 }, 1),
  ...steps.slice(2),
  epochEvent(at(4), { loss: 1 }, 1),
  testEvent(at(4), { loss: 1 }) as Uint8Array,
];

async function written(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-events-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = new EventFolder(folder, systemClock);
  await file.goOnFrom({ step: 0, stage: 'start' }, head);
  await file.append(all);
  await file.close();
  return folder;
}

async function leftAfter(folder: string, place: EventPlace): Promise<string[]> {
  const file = new EventFolder(folder, systemClock);
  await file.goOnFrom(place, head);
  await file.close();
  const points = await eventPoints(folder);
  return points.filter(({ tag }) => tag.startsWith('loss/')).map(({ tag, step }) => `${tag} ${step}`);
}

const TO_3 = ['loss/batch 1', 'loss/batch 2', 'loss/train 2', 'loss/batch 3'];

describe('the event file of a job that goes on', () => {
  it.each([
    [{ step: 4, stage: 'epoch' as const }, [...TO_3, 'loss/batch 4', 'loss/train 4']],
    [{ step: 4, stage: 'step' as const }, [...TO_3, 'loss/batch 4']],
    [{ step: 3, stage: 'step' as const }, TO_3],
    [{ step: 2, stage: 'step' as const }, TO_3.slice(0, 2)],
    [{ step: 0, stage: 'start' as const }, []],
  ])('from %o has what came before, in a file of another name', async (place, left) => {
    const folder = await written();
    const before = await readdir(folder);
    expect(await leftAfter(folder, place)).toEqual(left);
    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    expect(names).not.toEqual(before);
  });

  it('has nothing of what an attempt before it still writes', async () => {
    const folder = await written();
    const earlier = new EventFolder(folder, systemClock);
    await earlier.goOnFrom({ step: 5, stage: 'step' }, head);
    expect(await leftAfter(folder, { step: 5, stage: 'step' })).toHaveLength(7);
    await earlier.append([stepEvent(at(6), { loss: 1, learningRate: 1, rowsPerSecond: 1 })]);
    await earlier.close();
    expect(await leftAfter(folder, { step: 9, stage: 'step' })).toHaveLength(7);
  });

  it('is one, whatever a crash has left, and others in its folder stay', async () => {
    const folder = await written();
    const foreign = 'events.out.tfevents.1700000000.host';
    for (const name of ['events.out.tfevents.1700000000.lockstep', foreign, 'unnamed'])
      await writeFile(join(folder, name), 'torn');
    const newest = (await readdir(folder)).find((name) => name > 'events.out.tfevents.17000000000');
    expect(await leftAfter(folder, { step: 3, stage: 'step' })).toEqual(TO_3);
    const names = await readdir(folder);
    expect(names).toHaveLength(2);
    expect(names).toContain(foreign);
    expect(names).not.toContain(newest);
  });
});
