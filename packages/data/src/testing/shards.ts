/** Reads shards back, for tests. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { decodeShard } from '@lockstep/protocol/core';
import type { ShardFile } from '../prepared-data.js';

/** One column of all shards of a split, in row order. */
export function readColumn(files: readonly ShardFile[], name: string): (number | string)[] {
  return files.flatMap(({ path }) => {
    const column = decodeShard(readFileSync(path), crc32).columns.find((found) => found.name === name);
    if (!column) throw new Error(`no column ${name} in ${path}`);
    return [...column.data];
  });
}
