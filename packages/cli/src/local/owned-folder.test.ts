import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { makeOwnedFolder } from './owned-folder.js';
import { scratch } from './testing/release-site.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('a folder is new, and those of dead processes are swept while living ones and strangers stay', async () => {
  const temporary = scratch();
  vi.stubEnv('TMPDIR', temporary);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const stays = [`lockstep-store-${process.pid}-abc`, `lockstep-nats-${dead}-abc`, 'lockstep-store-x-abc', 'other'];
  for (const name of [...stays, `lockstep-store-${dead}-abc`]) {
    mkdirSync(join(temporary, name));
    writeFileSync(join(temporary, name, 'file'), '');
  }
  const folder = await makeOwnedFolder('store');
  expect(folder.startsWith(join(temporary, `lockstep-store-${process.pid}-`))).toBe(true);
  expect(existsSync(folder)).toBe(true);
  expect(existsSync(join(temporary, `lockstep-store-${dead}-abc`))).toBe(false);
  for (const name of stays) expect(existsSync(join(temporary, name)), name).toBe(true);
});

it.each(['none', 'file'])(
  'a temporary folder that is not usable (%s) is named, as input that is wrong',
  async (name) => {
    const temporary = join(scratch(), name);
    if (name === 'file') writeFileSync(temporary, '');
    vi.stubEnv('TMPDIR', temporary);
    await expect(makeOwnedFolder('store')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      entry: { exit: 2 },
      field: 'TMPDIR',
      value: temporary,
    });
  },
);

it('a folder goes with its process, however early that ends', () => {
  const temporary = scratch();
  const built = new URL('../../dist/local/owned-folder.js', import.meta.url).href;
  const script = `const { makeOwnedFolder } = await import('${built}'); console.log(await makeOwnedFolder('store')); process.exit(130);`;
  const env = { ...process.env, TMPDIR: temporary };
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env });
  expect(stdout).toContain(join(temporary, 'lockstep-store-'));
  expect(readdirSync(temporary)).toEqual([]);
});
