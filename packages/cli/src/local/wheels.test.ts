import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratch, sha256, startSite } from './testing/release-site.js';
import { INDEX_FILE, wheelByPip, wheelFromIndex } from './wheels.js';

const WHEEL = Buffer.from('a wheel');

describe('a wheel from an index with a user name and a password', () => {
  it.each<[string, (site: string) => string]>([
    ['a path', () => '/files/it.whl'],
    ['a whole address', (site) => `${site}/files/it.whl`],
  ])('is fetched with them where the index lists %s on its own site', async (_what, url) => {
    const told: (string | undefined)[] = [];
    const site: string = await startSite(({ url: path, headers }, response) => {
      told.push(headers.authorization);
      const files = [{ url: url(site), hashes: { sha256: sha256(WHEEL) } }];
      response.end(path === '/files/it.whl' ? WHEEL : JSON.stringify({ files }));
    });
    const wheel = { project: 'it', version: '1', sha256: sha256(WHEEL) };
    await wheelFromIndex(wheel, scratch(), { index: site.replace('//', '//reader:secret@'), limits: {} });
    const basic = `Basic ${Buffer.from('reader:secret').toString('base64')}`;
    expect(told).toEqual([basic, basic]);
  });
});

it('a wheel of pip is not mistaken for a torn one of the index in the same folder', async () => {
  const [folder, python] = [scratch(), join(scratch(), 'python')];
  writeFileSync(join(folder, INDEX_FILE), WHEEL.subarray(0, 3));
  writeFileSync(join(folder, 'bytes'), WHEEL);
  // The folder is the word before the last.
  writeFileSync(python, '#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\ncp "$1/bytes" "$1/it-1-py3-none-any.whl"\n');
  chmodSync(python, 0o755);
  const wheel = { project: 'it', version: '1', sha256: sha256(WHEEL) };
  const patience = { retries: 0, answerSeconds: 1, timeoutMs: 10_000 };
  const { signal } = new AbortController();
  expect(await wheelByPip(wheel, folder, { python, patience, signal })).toBe(join(folder, 'it-1-py3-none-any.whl'));
});
