import { mkdirSync, writeFileSync } from 'node:fs';
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
