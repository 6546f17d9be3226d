import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from './download.js';
import { deadSite, scratch, startSite } from './testing/release-site.js';

/** A site's address with a user name and a password, whose `@` is percent-encoded. */
const secretly = (site: string): string => site.replace('//', '//reader:sec%40ret@');
const BASIC = `Basic ${Buffer.from('reader:sec@ret').toString('base64')}`;

/** Sites note what they are told. */
async function startTold(told: (string | undefined)[], location?: string): Promise<string> {
  return startSite(({ headers }, response) => {
    told.push(headers.authorization);
    if (location) response.writeHead(302, { location }).end();
    else response.end('a file');
  });
}

describe('a download from an address with a user name and a password', () => {
  it('states them to its site alone', async () => {
    const [index, elsewhere]: [(string | undefined)[], (string | undefined)[]] = [[], []];
    const target = join(scratch(), 'file');
    const site = await startTold(index, await startTold(elsewhere));
    await download(secretly(site), target);
    expect([index, elsewhere]).toEqual([[BASIC], [undefined]]);
    expect(readFileSync(target, 'utf8')).toBe('a file');
  });

  it.each<[string, () => Promise<string>]>([
    ['that nobody listens at', deadSite],
    ['that is refused', () => startSite((_request, response) => response.writeHead(401).end())],
    ['that is no URL', async () => 'http://[broken'],
    ['of another kind', async () => 'gopher://127.0.0.1/'],
  ])('%s names them in no error', async (_which, site) => {
    const failed = download(secretly(await site()), join(scratch(), 'file'));
    await expect(failed).rejects.toThrow();
    const error = (await failed.catch((thrown: unknown) => thrown)) as Error;
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      expect(`${each.message} ${each.stack}`).not.toMatch(/reader|sec(%40|@)ret/);
    }
  });
});
