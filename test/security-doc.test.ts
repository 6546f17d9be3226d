/** docs/security.md has a row per attack, and the tests that it names exist. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/lockstep.ts';

const IDS = [...Array.from({ length: 34 }, (_, index) => `A${index + 1}`), 'A39', 'A40', 'A41', 'A42', 'A43'];
const rows = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', , how = ''] = line.split('|').map((cell) => cell.trim());
    return /^A\d+$/.test(id) ? [{ id, how }] : [];
  });

it('every attack has one row', () => {
  expect(rows.map(({ id }) => id)).toEqual(IDS);
});

it.each(rows)('$id is tried by a test that begins with it, or says why not', ({ id, how }) => {
  const [, file] = /^`([^`]+\.test\.ts)`(?!:| and)/.exec(how) ?? [];
  if (file) expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(new RegExp(`(it|\\))\\([\\s\\n]*['"\`]${id} `));
  else expect(how.length, 'a reason').toBeGreaterThan(20);
});
