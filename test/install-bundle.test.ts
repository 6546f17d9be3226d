import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ROOT, scratch } from './support/lockstep.ts';

type Install = (out: string, target: string, entries: readonly string[]) => void;

it('a new bundle replaces the entry and leaves the chunks of the one before, but no older ones', async () => {
  const script = pathToFileURL(join(ROOT, 'scripts/install-bundle.mjs')).href;
  const { installBundle } = (await import(script)) as { installBundle: Install };
  const folder = scratch();
  const [out, target] = [join(folder, 'bundle.new'), join(folder, 'bundle')];
  const build = (chunk: string): void => {
    mkdirSync(join(out, 'files'), { recursive: true });
    for (const name of ['main.js', chunk, 'files/licence.txt']) writeFileSync(join(out, name), `of ${chunk}`);
    installBundle(out, target, ['main.js']);
  };
  const held = (): string[] => readdirSync(target).sort();
  build('a-1.js');
  expect(held()).toEqual(['a-1.js', 'files', 'main.js']);
  build('a-2.js');
  expect(held()).toEqual(['a-1.js', 'a-2.js', 'files', 'main.js']);
  build('a-3.js');
  expect(held()).toEqual(['a-2.js', 'a-3.js', 'files', 'main.js']);
  expect(readFileSync(join(target, 'main.js'), 'utf8')).toBe('of a-3.js');
  expect(readdirSync(folder).sort()).toEqual(['bundle', 'bundle.last']);
});
