/** What prepared data follows from, as one hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { PrepareRequest } from './prepare-request.js';
import type { DataFile } from './table-file.js';

/** Version of everything that decides a shard's bytes, and of the manifest beside them. */
const FORMAT_VERSION = 3;

/** SHA-256 over the bytes of the files, the spec's data parts and the format's version. */
export async function fingerprint(files: readonly DataFile[], spec: PrepareRequest['spec']): Promise<string> {
  const hash = createHash('sha256');
  const sizes: number[] = [];
  for (const { path } of files) {
    let bytes = 0;
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
    sizes.push(bytes);
  }
  const { path: _path, ...data } = spec.data;
  const { split, preprocess, task, train } = spec;
  const { classWeights } = train;
  hash.update(JSON.stringify({ version: FORMAT_VERSION, sizes, data, split, preprocess, task, classWeights }));
  return hash.digest('hex');
}
