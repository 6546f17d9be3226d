/** Command lines that are odd in themselves: each ends at once, in the words of the catalogue. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockstep, ROOT } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

describe.skipIf(!existsSync('/proc'))('a folder below /proc, where none can be made', () => {
  it.each([
    ['--store', ['coordinator', '--port', '0', '--store', '/proc/none/a']],
    ['--store', ['coordinator', '--port', '0', '--nats', 'nats://127.0.0.1:1', '--store', '/proc/none/a']],
    ['--store', ['up', '--port', '0', '--store', '/proc/none/a']],
    ['--out', ['train', SPEC, '--out', '/proc/none/a']],
    ['--out', ['init', join(ROOT, 'examples/wine/data.csv'), '--label', 'target', '--out', '/proc/none/a']],
  ])('is refused as %s of %j', async (field, args) => {
    const result = await lockstep(args);
    expect(result.code, result.stderr).toBe(2);
    expect(result.stderr).toMatch(/^error OUTPUT_UNWRITABLE: \/proc\/none\/a cannot be written: .*\/proc\/none'$/m);
    expect(result.stderr).toContain(`field ${field}`);
  });
});
