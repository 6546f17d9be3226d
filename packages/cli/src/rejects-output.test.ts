import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rejects } from '@lockstep/data';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isSameFile, openRejects } from './rejects-output.js';
import { scratchFolder } from './testing/model-file.js';

it.each([
  ['/dev/null', 'a pipe or a device'],
  ['/dev/stdout', 'a pipe or a device'],
  ['.', 'a folder'],
])('%s is no place for a list', async (path, what) => {
  // Only begun: a fault here would replace a device of the machine.
  const work = openRejects(path, []);
  await expect(work).rejects.toMatchObject({
    ...{ code: 'USAGE', field: '--rejects', value: path, message: `--rejects is ${path}, which is ${what}.` },
    fix: expect.stringContaining('Give the name of a file'),
  });
});

it('a list goes where links lead, there or not', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'far'));
  symlinkSync('far/list.csv', join(folder, 'link'));
  for (const _ of ['new', 'again']) {
    const list = await openRejects(join(folder, 'link'), []);
    await list.keep();
    list.discard();
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'far/list.csv'), 'utf8')).toMatch(/^file,line,/);
    expect(readdirSync(join(folder, 'far'))).toEqual(['list.csv']);
  }
  expect(await isSameFile(join(folder, 'link'), join(folder, 'far/list.csv'))).toBe(true);
});

it('an end of the command takes an unfinished list with it, and no finished one', async () => {
  const folder = scratchFolder();
  const before = process.listeners('exit');
  const list = await openRejects(join(folder, 'r.csv'), []);
  expect(readdirSync(folder)).toEqual([`r.csv.${process.pid}.partial`]);
  for (const listener of process.listeners('exit').filter((found) => !before.includes(found))) listener(0);
  expect(readdirSync(folder)).toEqual([]);
  list.discard();
  const kept = await openRejects(join(folder, 'r.csv'), []);
  await kept.keep();
  expect(process.listeners('exit')).toEqual(before);
  expect(readdirSync(folder)).toEqual(['r.csv']);
});

it('a list that cannot be begun names the option and the path as it was given', async () => {
  await expect(openRejects('nodir/r.csv', [])).rejects.toMatchObject({
    ...{ code: 'OUTPUT_UNWRITABLE', field: '--rejects', value: 'nodir/r.csv' },
    message: expect.stringMatching(/^nodir\/r\.csv cannot be written: ENOENT/),
  });
});

it('so does one that has no space left', async () => {
  const path = join(scratchFolder(), 'r.csv');
  const list = await openRejects(path, []);
  const spy = vi.spyOn(Rejects.prototype, 'close').mockImplementation(() => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  onTestFinished(() => spy.mockRestore());
  await expect(list.keep()).rejects.toMatchObject({ code: 'DISK_FULL', field: '--rejects', value: path });
  list.discard();
  expect(existsSync(`${path}.${process.pid}.partial`)).toBe(false);
});

it('a file that the command reads is refused, also through a link', async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'a.csv'), 'a\n1\n');
  symlinkSync('a.csv', join(folder, 'link'));
  await expect(openRejects(join(folder, 'link'), [join(folder, 'a.csv')])).rejects.toMatchObject({
    ...{ code: 'USAGE', field: '--rejects' },
  });
});
