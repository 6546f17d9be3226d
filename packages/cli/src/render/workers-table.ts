/** The list of workers as a table for people. */
import { createHash } from 'node:crypto';
import type { ConnectedWorker__Output } from '@lockstep/client';
import Table from 'cli-table3';
import { cut } from './jobs-table.js';
import { formatDuration } from './progress.js';
import { visible } from './visible.js';

/** Digits of a numeric class that are shown: equal where workers compute the same bits; --json has all of it. */
const CLASS_DIGITS = 8;

/** One row per worker, in the order given. */
export function workersTable(workers: readonly ConnectedWorker__Output[]): string {
  const table = new Table({
    head: ['worker', 'host', 'engine', 'device', 'class', 'lanes at once', 'state', 'job', 'age'],
    style: { head: [], border: [], compact: true },
  });
  for (const { workerId, host, engine, replicas, state, jobId, joinedUnixSeconds } of workers) {
    const shown = [workerId, host, `${engine?.name ?? '?'} ${engine?.version ?? ''}`, engine?.provider ?? '?'];
    const age = formatDuration(Math.max(0, Date.now() / 1000 - joinedUnixSeconds));
    table.push([
      ...shown.map((text) => cut(visible(text))),
      ...[shortClass(engine?.numericClass ?? ''), replicas, state, jobId || '-', age],
    ]);
  }
  return table.toString();
}

function shortClass(numericClass: string): string {
  return createHash('sha256').update(numericClass).digest('hex').slice(0, CLASS_DIGITS);
}
