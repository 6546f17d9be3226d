import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountKeyIn } from './account-key.js';
import { scratch } from './testing/release-site.js';

describe('the key of the account of a store', () => {
  it('is drawn at the first start, for its owner alone, and the same at every other', async () => {
    const folder = join(scratch(), 'nats');
    const { id } = await accountKeyIn(folder);
    expect(statSync(join(folder, 'account.nk')).mode & 0o777).toBe(0o600);
    expect((await accountKeyIn(folder)).id).toBe(id);
  });

  it('that is damaged is said, without a word of it, and stays', async () => {
    const folder = scratch();
    const path = join(folder, 'account.nk');
    writeFileSync(path, 'SAQUITESECRET');
    const error = await accountKeyIn(folder).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'NATS_LOGIN_INVALID', value: path });
    expect((error as Error).message).not.toContain('QUITE');
    expect(readFileSync(path, 'utf8')).toBe('SAQUITESECRET');
  });
});
