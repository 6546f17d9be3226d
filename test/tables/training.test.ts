/** A table of any shape trains to the same bits, whatever number of workers shares it and in whichever file it stands. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createEngine } from '@lockstep/engine';
import type { Job__Output } from '@lockstep/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunningCoordinator } from '../../packages/coordinator/src/testing/running-coordinator.ts';
import { joinWorker } from '../support/in-process-worker.ts';
import { ROOT, scratch } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { type GeneratedTable, tables } from './generated-table.ts';
import { csvFile, jsonlFile, styles, type TableFile } from './table-files.ts';

const CREWS = [1, 2, 3];

/** A coordinator with three workers, all in this process. */
async function cluster(): Promise<RunningCoordinator> {
  const coordinator = await RunningCoordinator.start({ nats: (await startNatsServer()).address });
  for (const worker of CREWS) await joinWorker(`w${worker}`, coordinator.address, await createEngine());
  return coordinator;
}

/** Trains on a file. @returns SHA-256 of the parameters */
async function trained(coordinator: RunningCoordinator, { path, name }: TableFile, spec: string): Promise<string> {
  const data = readFileSync(path);
  const sha256 = createHash('sha256').update(data).digest('hex');
  await coordinator.upload([{ sha256, totalBytes: data.length, offset: 0, data, fileName: name }]);
  const { job } = await coordinator.call<{ job: Job__Output }>('submitJob', { spec, uploads: { [name]: sha256 } });
  const ended = await coordinator.ended(job.id);
  expect(ended.state, ended.failure?.message).toBe('JOB_STATE_SUCCEEDED');
  return ended.result?.parametersSha256 ?? '';
}

/** The spec of a generated table for so many workers. */
function specFor(table: GeneratedTable, { name, delimiter }: TableFile, workers: number): string {
  const data = { path: name, ...(table.spec.data as object), ...(delimiter ? { delimiter } : {}) };
  return JSON.stringify({ ...table.spec, data, run: { workers, minWorkers: workers } });
}

it('a table trains to the same bits with one worker, two and three, from CSV and from JSON lines', async () => {
  const coordinator = await cluster();
  const folder = scratch();
  for (const [table, style] of fc.sample(fc.tuple(tables, styles), { seed: 20_261_128, numRuns: 2 })) {
    const hashes = new Set<string>();
    for (const workers of CREWS) {
      const file = workers === 2 ? jsonlFile(table, folder, style) : csvFile(table, folder, style);
      hashes.add(await trained(coordinator, file, specFor(table, file, workers)));
    }
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  }
});

it('54, elsewhere: threads of a lane change no bits, from a packed table and from JSON lines', async () => {
  const coordinator = await cluster();
  const folder = scratch();
  const read = (name: string): string => readFileSync(join(ROOT, 'test/cases/54-threads-in-a-container', name), 'utf8');
  const rows = read('data.csv').trimEnd().split('\n').slice(1);
  const objects = rows.map((row) => row.split(',')).map(([x, y]) => `{"x":${x},"y":${y}}\n`);
  const hashes = new Set<string>();
  for (const [name, content, threads, workers] of [
    ['data.csv', read('data.csv'), 1, 1],
    ['data.csv.gz', gzipSync(read('data.csv')), 2, 3],
    ['data.jsonl', objects.join(''), 3, 2],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const spec = read('job.yaml')
      .replace('data.csv', name)
      .replace('epochs: 30', `epochs: 2\n  threadsPerLane: ${threads}`);
    hashes.add(
      await trained(coordinator, { path, name }, `${spec}run: { workers: ${workers}, minWorkers: ${workers} }\n`),
    );
  }
  expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});
