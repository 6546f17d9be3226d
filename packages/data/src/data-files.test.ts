import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDataFiles } from './data-files.js';
import { temporaryFolder } from './testing/tables.js';

function folderWith(...names: readonly string[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'parts/deep'), { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), 'a,b\n1,2\n');
  return folder;
}

const namesOf = async (given: string, from: string): Promise<string[]> =>
  (await findDataFiles({ given, from })).map(({ name }) => name);

describe('findDataFiles', () => {
  it('takes a file for itself, also one whose name looks like a pattern', async () => {
    const from = folderWith('a[1].csv', 'a1.csv');
    expect(await findDataFiles({ given: 'a[1].csv', from })).toEqual([
      { path: join(from, 'a[1].csv'), name: 'a[1].csv' },
    ]);
    expect(await namesOf('a[1-9].csv', from)).toEqual(['a1.csv']);
  });

  it('takes the files of a folder in the order of their names, without those of tools', async () => {
    const from = folderWith('parts/deep/b.csv', 'parts/deep/a.csv', 'parts/deep/B.csv', 'parts/deep/_SUCCESS');
    writeFileSync(join(from, 'parts/deep/.DS_Store'), '');
    expect(await namesOf('parts/deep', from)).toEqual(['parts/deep/B.csv', 'parts/deep/a.csv', 'parts/deep/b.csv']);
  });

  it('takes the files that fit a pattern, whatever the depth', async () => {
    const from = folderWith('parts/2.csv', 'parts/deep/1.csv', 'parts/10.csv', 'parts/3.txt');
    expect(await namesOf('parts/**/*.csv', from)).toEqual(['parts/10.csv', 'parts/2.csv', 'parts/deep/1.csv']);
    expect(await namesOf(join(from, 'parts/*.csv'), '/')).toEqual([
      join(from, 'parts/10.csv'),
      join(from, 'parts/2.csv'),
    ]);
  });

  it('follows links, but refuses a file that they give a second name, as in a loop', async () => {
    const from = folderWith('parts/deep/1.csv', 'parts/2.csv');
    symlinkSync(join(from, 'parts/deep'), join(from, 'linked'));
    expect(await namesOf('linked/*.csv', from)).toEqual(['linked/1.csv']);
    symlinkSync(join(from, 'parts'), join(from, 'parts/deep/loop'));
    await expect(findDataFiles({ given: 'parts/**/*.csv', from })).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_UNREADABLE',
        message: 'parts/**/*.csv finds one file under two names: parts/2.csv and parts/deep/loop/2.csv.',
      }),
    );
    symlinkSync('1.csv', join(from, 'linked/copy.csv'));
    await expect(findDataFiles({ given: 'linked', from })).rejects.toThrow('finds one file under two names');
  });

  it.each([
    ['none.csv', 'DATA_NOT_FOUND', 'The data file none.csv does not exist.'],
    ['parts/deep', 'DATA_EMPTY', 'parts/deep means no files.'],
    ['*.parquet', 'DATA_EMPTY', '*.parquet means no files.'],
    ['parts', 'DATA_UNREADABLE', 'parts holds the folder deep, which is not read.'],
  ])('refuses %s with %s', async (given, code, message) => {
    await expect(findDataFiles({ given, from: folderWith() })).rejects.toThrow(
      expect.objectContaining({ code, message, field: 'data.path' }),
    );
  });
});
