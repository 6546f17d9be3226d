/** What prepared data follows from, as one hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { PrepareRequest } from './prepare-request.js';

/** Version of everything that decides a shard's bytes, and of the manifest beside them. */
const FORMAT_VERSION = 1;

/** SHA-256 over the source's bytes, the spec's data parts and the format's version. */
export async function fingerprint(source: string, spec: PrepareRequest['spec']): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(source, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  const { path: _path, ...data } = spec.data;
  hash.update(
    JSON.stringify({ version: FORMAT_VERSION, data, split: spec.split, preprocess: spec.preprocess, task: spec.task }),
  );
  return hash.digest('hex');
}
