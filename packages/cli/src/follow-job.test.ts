/** What a job that did not succeed leaves in the folder of its run. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { LockstepError } from '@lockstep/protocol/core';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { bringHome } from './follow-job.js';

let events: string;
let notes: string[];

beforeEach(async () => {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-follow-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  events = join(path, 'events');
  notes = [];
});

/** Brings a job home that failed, and has left some text for TensorBoard; null where it left nothing. */
async function broughtHome(createdUnixSeconds: number, text: string | null): Promise<readonly string[]> {
  const downloadEvents = async function* (): AsyncGenerator<Uint8Array> {
    if (text === null) throw new LockstepError('SERVER_UNREACHABLE');
    yield Buffer.from(text);
  };
  const client = { downloadEvents } as Partial<LockstepClient> as LockstepClient;
  const job = { id: 'j', state: 'JOB_STATE_CANCELLED', reason: 'because', resolvedSpec: '', createdUnixSeconds };
  const folder = { path: join(events, '..'), isResumed: false, release: () => {} };
  const note = (said: string): void => void notes.push(said);
  await expect(bringHome(client, job as Job__Output, folder, { note })).rejects.toMatchObject({
    code: 'JOB_CANCELLED',
  });
  return (await readdir(events).catch(() => [])).sort();
}

const nameAt = (seconds: number): string => `events.out.tfevents.${seconds}.lockstep`;

it("TensorBoard's file of a job takes the place of that of the job before it in the same folder", async () => {
  expect(await broughtHome(1_700_000_000.5, 'first')).toEqual([nameAt(1_700_000_000)]);
  expect(await broughtHome(1_700_000_009.5, 'second')).toEqual([nameAt(1_700_000_009)]);
  expect(await broughtHome(1_700_000_009.7, 'third')).toEqual([nameAt(1_700_000_009)]);
  expect(await readFile(join(events, nameAt(1_700_000_009)), 'utf8')).toBe('third');
  expect(await broughtHome(1_700_000_000, 'older')).toEqual([nameAt(1_700_000_000)]);
  expect(notes.map((note) => /(\d+)\.lockstep of an earlier job is gone/.exec(note)?.[1])).toEqual([
    '1700000000',
    '1700000009',
  ]);
});

it('files that others wrote stay, and a file stays for which none has come', async () => {
  const others = ['events.out.tfevents.1600000000.host', `${nameAt(1_600_000_000)}.v2`, 'notes.lockstep'];
  await mkdir(events);
  for (const name of others) await writeFile(join(events, name), 'theirs');
  const [first, second] = [nameAt(1_700_000_000), nameAt(1_700_000_009)];
  expect(await broughtHome(1_700_000_000, 'first')).toEqual([...others, first].sort());
  expect(await broughtHome(1_700_000_009, null)).toEqual([...others, first].sort());
  expect(await broughtHome(1_700_000_009, 'second')).toEqual([...others, second].sort());
});
