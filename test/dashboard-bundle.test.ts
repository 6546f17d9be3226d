/** The built web page: small, whole, and nothing in it that its own policy forbids. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './support/lockstep.ts';

const FOLDER = join(ROOT, 'packages/cli/bundle/dashboard');
const MAX_BYTES = 150_000;

it('the page that the command serves is below 150 KB, and its files are those that it names', () => {
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  expect(named.map((path) => path.replace(/-[0-9a-f]{10}\./, '.')).sort()).toEqual([
    ...['assets/dashboard.css', 'assets/dashboard.js'],
  ]);
  const bytes = ['index.html', ...named].map((path) => statSync(join(FOLDER, path)).size);
  expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(MAX_BYTES);
  expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/);
});

it('its libraries are among the licences and packages of the command', () => {
  const bundle = join(FOLDER, '..');
  const packages = JSON.parse(readFileSync(join(bundle, 'packages.json'), 'utf8')) as { readonly name: string }[];
  for (const name of ['preact', 'uplot']) {
    expect(packages.map((each) => each.name)).toContain(name);
    for (const folder of [bundle, join(ROOT, 'packages/dashboard/bundle')]) {
      expect(readFileSync(join(folder, 'THIRD_PARTY_LICENSES.txt'), 'utf8')).toMatch(new RegExp(`^${name} `, 'm'));
    }
  }
  expect(readdirSync(FOLDER).sort()).toEqual(['assets', 'index.html']);
});
