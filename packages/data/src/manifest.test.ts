/** Prepared data is used again only where it is what was written, for the same source and spec. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findPrepared } from './manifest.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import { runPreparation } from './run-preparation.js';
import { requestFor } from './testing/tables.js';

const TABLE = `a,y\n${Array.from({ length: 40 }, (_, row) => `${row},${row % 2}\n`).join('')}`;
const { signal } = new AbortController();

it('finds what was prepared', async () => {
  const request = requestFor(TABLE);
  expect(await findPrepared(request, signal)).toBeNull();
  const prepared = await runPreparation(request);
  expect(await findPrepared(request, signal)).toEqual(prepared);
});

it.each<[string, (request: PrepareRequest, prepared: PreparedData) => unknown]>([
  ['a shard that is gone', (_, { shards }) => rmSync(shards.testRaw[0]!.path)],
  ['a shard with another byte', (_, { shards }) => flip(shards.train[0]!.path)],
  ['a manifest with another byte', ({ outDirectory }) => flip(join(outDirectory, 'manifest'))],
  ['a source with another row', ({ files }) => writeFileSync(files[0]!.path, `${TABLE}41,1\n`)],
  ['another spec', (request) => ({ ...request, spec: { ...request.spec, split: { ...request.spec.split, seed: 9 } } })],
])('does not use again: %s', async (_what, change) => {
  const request = requestFor(TABLE);
  const prepared = await runPreparation(request);
  expect(await findPrepared((change(request, prepared) as PrepareRequest | undefined) ?? request, signal)).toBeNull();
});

it('ends its look when it is told to', async () => {
  const request = requestFor(TABLE);
  await runPreparation(request);
  const told = new Error('enough');
  await expect(findPrepared(request, AbortSignal.abort(told))).rejects.toBe(told);
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  const last = bytes.length - 2;
  bytes[last] = bytes[last]! ^ 1;
  writeFileSync(path, bytes);
}
