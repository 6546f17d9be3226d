import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder } from './make-folder.js';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-make-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('makes those above it too, tells the topmost that is new, and leaves what is there', async () => {
  const root = scratch();
  expect(await makeFolder(join(root, 'a/b/c'))).toBe(join(root, 'a'));
  expect(await makeFolder(join(root, 'a/b/c'))).toBeNull();
  expect(await makeFolder(join(root, 'a/b/d'))).toBe(join(root, 'a/b/d'));
  expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true);
});

it('several at once make it together', async () => {
  const path = join(scratch(), 'a/b/c/d');
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
  expect(statSync(path).isDirectory()).toBe(true);
});

it('below a file it cannot be made', async () => {
  const root = scratch();
  writeFileSync(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file/a'))).rejects.toMatchObject({ syscall: 'mkdir' });
});

it.skipIf(!existsSync('/proc'))('below /proc it fails, and does not try for ever', async () => {
  await expect(makeFolder('/proc/none/a/b')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/none' });
});
