import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { said, tableFile } from '../testing/model-file.js';
import { init } from './init.js';

it.each(['', '*.csv'])('--out is no file of the table, also with --force: DATA is the folder/%s', async (pattern) => {
  const text = 'a,y\n1,2\n3,5\n';
  const out = tableFile(text);
  const { error } = await said(() => init(join(dirname(out), pattern), { label: 'y', out, force: true }));
  expect(error).toMatchObject({ code: 'USAGE', field: '--out', value: out });
  expect(readFileSync(out, 'utf8')).toBe(text);
});
