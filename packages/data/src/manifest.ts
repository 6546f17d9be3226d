/** The manifest of prepared data, beside its shards: who finds it whole need not prepare again. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurable } from './durable-file.js';
import { fingerprint } from './fingerprint.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData, ShardFile } from './prepared-data.js';

/** First line: SHA-256 of the rest, which is JSON. */
const MANIFEST = 'manifest';

/** Writes the manifest into the folder of the shards. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
export async function writeManifest(directory: string, prepared: PreparedData): Promise<void> {
  const text = JSON.stringify(prepared);
  await writeDurable(join(directory, MANIFEST), Buffer.from(`${sha256(text)}\n${text}`));
}

/**
 * What an earlier preparation of the same source and spec left in the folder; null where any of it is missing or not
 * what was written.
 * @throws the signal's reason
 */
export async function findPrepared(request: PrepareRequest, signal: AbortSignal): Promise<PreparedData | null> {
  const { files, spec, outDirectory } = request;
  try {
    const prepared = parse(await readFile(join(outDirectory, MANIFEST), 'utf8'));
    if (!prepared || prepared.fingerprint !== (await fingerprint(files, spec))) return null;
    const shards = movedShards(prepared.shards, outDirectory);
    for (const shard of Object.values(shards).flat()) if (!(await isWhole(shard, signal))) return null;
    return { ...prepared, shards };
  } catch {
    signal.throwIfAborted();
    // A file is missing or cannot be read: preparing says what is wrong, if that still is.
    return null;
  }
}

/** The same shards in another folder. */
export function movedShards(shards: PreparedData['shards'], directory: string): PreparedData['shards'] {
  const move = (files: readonly ShardFile[]) => files.map((file) => ({ ...file, path: join(directory, file.name) }));
  return {
    train: move(shards.train),
    validation: move(shards.validation),
    testPrepared: move(shards.testPrepared),
    testRaw: move(shards.testRaw),
  };
}

function parse(file: string): PreparedData | null {
  const end = file.indexOf('\n');
  const text = file.slice(end + 1);
  return file.slice(0, end) === sha256(text) ? (JSON.parse(text) as PreparedData) : null;
}

async function isWhole(shard: ShardFile, signal: AbortSignal): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(shard.path, { highWaterMark: 1 << 20, signal }))
    hash.update(piece as Buffer);
  return hash.digest('hex') === shard.sha256;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
