import { describe, expect, it } from 'vitest';
import { scratch, sha256, startSite } from './testing/release-site.js';
import { wheelFromIndex } from './wheels.js';

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
