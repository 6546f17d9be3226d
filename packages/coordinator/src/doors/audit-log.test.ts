/** Tests of the audit log: what it tells of floods, and what becomes of it where the disk is full. */

import { writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { createLogger } from '@lockstep/protocol/log';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { LOCAL } from '../core/principal.js';
import { MAX_WAITING_LINES, REFUSED_LINES } from '../limits.js';
import type { WriteSome } from './audit-file.js';
import { type AuditEntry, AuditLog, outcomeOf } from './audit-log.js';

const DENIED: AuditEntry = {
  ...{ who: null, what: '/lockstep.v1.JobService/GetJob', on: 'x', from: '192.0.2.1:4000' },
  ...{ outcome: 'denied', status: 'UNAUTHENTICATED' },
};
const ALLOWED: AuditEntry = { ...DENIED, who: LOCAL, outcome: 'allowed', status: 'OK' };

async function open(writeSome?: WriteSome) {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'audit.jsonl');
  const said: string[] = [];
  const audit = AuditLog.open(path, pino({ level: 'trace' }, { write: (line) => said.push(line) }), writeSome);
  const lines = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(path, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { audit, lines, said };
}

it('A16 a flood of refused calls is a few lines and their number, and what is allowed is told all the same', async () => {
  const { audit, lines } = await open();
  for (let call = 0; call < 5000; call++) audit.record({ ...DENIED, from: `192.0.2.1:${call}` });
  for (let call = 0; call < 50; call++) audit.record(ALLOWED);
  audit.close();
  const told = await lines();
  expect(told.filter(({ outcome }) => outcome === 'denied')).toHaveLength(REFUSED_LINES.maxPerCaller);
  expect(told.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(50);
  const count = 5000 - REFUSED_LINES.maxPerCaller;
  expect(told.at(-1)).toMatchObject({ what: 'more calls that were refused', from: '192.0.2.1', count });
});

it('A16 a flood of strangers hides no refused call of somebody who is known', async () => {
  const { audit, lines } = await open();
  for (let call = 0; call < 5000; call++) audit.record({ ...DENIED, from: `198.51.${call % 100}.1:4000` });
  audit.record({ ...DENIED, who: LOCAL, status: 'PERMISSION_DENIED' });
  audit.close();
  expect((await lines()).filter(({ status }) => status === 'PERMISSION_DENIED')).toHaveLength(1);
});

it('A22 lines that wait for a disk are tried again without a further call', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let isFull = true;
  const { audit, lines } = await open((fd, bytes) => {
    if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, bytes);
  });
  audit.record(ALLOWED);
  isFull = false;
  await vi.advanceTimersByTimeAsync(REFUSED_LINES.windowMs);
  expect(await lines()).toHaveLength(1);
  audit.close();
});

it('A22 a disk without space loses no line and tears none: they wait, and are written once there is room', async () => {
  let room = 0;
  const { audit, lines, said } = await open((fd, bytes) => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const some = bytes.subarray(0, Math.min(room, bytes.length));
    room -= some.length;
    return writeSync(fd, some);
  });
  expect(audit.isKept()).toBe(true);
  room = 100;
  for (let job = 0; job < 5; job++) audit.record({ ...ALLOWED, on: `job-${job}` });
  expect(audit.isKept()).toBe(false);
  expect(said.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(['AUDIT_UNAVAILABLE']);
  room = 1e6;
  expect(audit.isKept()).toBe(true);
  expect((await lines()).map(({ on }) => on)).toEqual(['job-0', 'job-1', 'job-2', 'job-3', 'job-4']);
  expect(said.at(-1)).toContain('written again');
  audit.close();
});

it('A22 lines beyond those that may wait go to the log of the coordinator', async () => {
  const { audit, said } = await open(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  for (let call = 0; call < MAX_WAITING_LINES + 3; call++) audit.record({ ...ALLOWED, on: `job-${call}` });
  expect(said.filter((line) => line.includes('no room'))).toHaveLength(3);
  audit.close();
  expect(said.filter((line) => line.includes('no room'))).toHaveLength(MAX_WAITING_LINES + 3);
});

it('A16 a call that was reset before anybody knew who makes it was not allowed', () => {
  expect(outcomeOf(grpc.status.CANCELLED, null)).toBe('failed');
  expect(outcomeOf(grpc.status.CANCELLED, LOCAL)).toBe('allowed');
});

it('A22 a line in the log of the coordinator says each thing once', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { process: 'coordinator' }, { write: (line) => void lines.push(line) });
  const audit = AuditLog.open(null, logger);
  audit.record(ALLOWED);
  audit.close();
  const keys = [...(lines[0] ?? '').matchAll(/"(\w+)":/g)].map(([, key]) => key);
  expect(keys).toContain('role');
  expect(keys).toEqual([...new Set(keys)]);
});
