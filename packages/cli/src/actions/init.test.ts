import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { parseJobSpec } from '@lockstep/spec';
import { expect, it } from 'vitest';
import { registerInit } from '../commands/init.js';
import { registerProfile } from '../commands/profile.js';
import { said, scratchFolder, tableFile } from '../testing/model-file.js';
import { init } from './init.js';

/** Runs a verb as the command line does. */
const run = (...args: readonly string[]) =>
  said(async () => {
    const program = new Command();
    for (const register of [registerInit, registerProfile]) register(program);
    await program.parseAsync(args, { from: 'user' });
  });

const TABLE = "a;t;y\n1;'x;1';0\n2;'z;2';1\n3;'x;1';0\n4;'z;2';1\n";

it('init writes into the spec what stands around cells', async () => {
  const out = join(scratchFolder(), 'job.yaml');
  const { error } = await run('init', tableFile(TABLE), '--label', 'y', '--out', out, '--quote', "'");
  expect(error).toBe(null);
  const { spec, problems } = parseJobSpec(readFileSync(out, 'utf8'));
  expect(problems).toEqual([]);
  expect(spec?.data.quote).toBe("'");
});

it.each(['"', ''])('init writes a spec that is read so too where %j stands around cells', async (quote) => {
  const out = join(scratchFolder(), 'job.yaml');
  const { error } = await run('init', tableFile('a;y\n1;0\n2;1\n'), '--label', 'y', '--out', out, '--quote', quote);
  expect(error).toBe(null);
  const text = readFileSync(out, 'utf8');
  expect(parseJobSpec(text).spec?.data.quote).toBe(quote);
  // What is usual needs no key.
  expect(text.includes('quote:')).toBe(quote === '');
});

it('profile reads cells in the quotes that are said', async () => {
  const { stdout, error } = await run('profile', tableFile(TABLE), '--json', '--quote', "'");
  expect(error).toBe(null);
  expect(JSON.parse(stdout)).toMatchObject({ columns: [{}, { name: 't', bars: [{ label: 'x;1' }, {}] }, {}] });
});

it.each(['', '*.csv'])('--out is no file of the table, also with --force: DATA is the folder/%s', async (pattern) => {
  const text = 'a,y\n1,2\n3,5\n';
  const out = tableFile(text);
  const { error } = await said(() => init(join(dirname(out), pattern), { label: 'y', out, force: true }));
  expect(error).toMatchObject({ code: 'USAGE', field: '--out', value: out });
  expect(readFileSync(out, 'utf8')).toBe(text);
});
