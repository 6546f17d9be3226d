/** A hundred thousand runs under forced garbage collection: no growth, no crash, the same bits. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/lockstep.ts';

it.each(['c-api', 'binding'])('%s', (adapter) => {
  const args = ['--expose-gc', join(ROOT, 'test/soak/engine-soak.mjs'), '--runs', '100000', '--adapter', adapter];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
