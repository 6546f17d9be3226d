/**
 * Bytes of a checkpoint: magic, length of the header (uint32, little-endian), header as JSON, padding to 64 bytes, the
 * vectors as float32, and the SHA-256 of all of that. Numbers in JSON are float64 and survive unchanged; those that are
 * not finite are text.
 */
import { createHash } from 'node:crypto';
import { SAMPLER_V1 } from '@lockstep/protocol/core';
import { z } from 'zod';
import type { Checkpoint } from './checkpoint.js';

const MAGIC = Buffer.from('LSCKPT2\n');
const ALIGNMENT = 64;
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;

const finite = z.number();
const real = z.union([finite, z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const count = z.int().min(0);
const header = z.strictObject({
  work: z.strictObject({
    spec: z.record(z.string(), z.unknown()),
    dataFingerprint: z.string(),
    numericClass: z.string(),
    sampler: z.literal(SAMPLER_V1),
  }),
  step: count,
  leadershipEpoch: count,
  elementCount: count,
  optimizer: z.strictObject({ vectors: z.array(z.string()), numbers: z.record(z.string(), finite) }),
  history: z.array(
    z.strictObject({
      epoch: count,
      seconds: finite,
      learningRate: finite,
      metrics: z.record(z.string(), real),
    }),
  ),
  sums: z.strictObject({ denominator: finite, loss: finite, metric: finite }),
  secondsInEpoch: finite,
  stopping: z.strictObject({ wait: count, best: real.nullable(), bestEpoch: count, stoppedEpoch: count }),
  hasBestParameters: z.boolean(),
  skipped: z.strictObject({ total: count, inARow: count }),
});

/** The bytes in pieces; vectors are views, so that nothing is copied. */
export function* encodeCheckpoint(checkpoint: Checkpoint): Generator<Uint8Array> {
  const { parameters, optimizer, bestParameters, ...rest } = checkpoint;
  const names = Object.keys(optimizer.vectors);
  const head = {
    ...rest,
    elementCount: parameters.length,
    optimizer: { vectors: names, numbers: optimizer.numbers },
    hasBestParameters: bestParameters !== null,
  };
  const json = Buffer.from(JSON.stringify(head, (_key, value) => (isNoNumber(value) ? String(value) : value)));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  const hash = createHash('sha256');
  const start = MAGIC.length + LENGTH_BYTES + json.length;
  const vectors = [parameters, ...names.map((name) => optimizer.vectors[name] as Float32Array)];
  if (bestParameters) vectors.push(bestParameters);
  for (const piece of [MAGIC, length, json, new Uint8Array(paddingAfter(start)), ...vectors.map(bytesOf)]) {
    hash.update(piece);
    yield piece;
  }
  yield hash.digest();
}

/** Reads the bytes of a checkpoint. @throws Error saying what is wrong with them */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < MAGIC.length + LENGTH_BYTES + HASH_BYTES) throw new Error('it is torn');
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is no checkpoint of this format');
  const end = file.length - HASH_BYTES;
  const found = createHash('sha256').update(file.subarray(0, end)).digest();
  if (!found.equals(file.subarray(end))) throw new Error('its SHA-256 does not fit its content: it is torn or damaged');
  const first = MAGIC.length + LENGTH_BYTES;
  const afterHeader = first + file.readUInt32LE(MAGIC.length);
  const json: unknown = JSON.parse(file.toString('utf8', first, afterHeader));
  const { elementCount, optimizer, hasBestParameters, ...rest } = header.parse(json);
  const start = afterHeader + paddingAfter(afterHeader);
  const vectorCount = 1 + optimizer.vectors.length + (hasBestParameters ? 1 : 0);
  if (start + vectorCount * elementCount * 4 !== end) throw new Error('its vectors do not fill it');
  const vector = (index: number): Float32Array => {
    const at = start + index * elementCount * 4;
    return new Float32Array(new Uint8Array(file.subarray(at, at + elementCount * 4)).buffer);
  };
  const vectors = Object.fromEntries(optimizer.vectors.map((name, index) => [name, vector(index + 1)]));
  const bestParameters = hasBestParameters ? vector(vectorCount - 1) : null;
  return { ...rest, parameters: vector(0), optimizer: { vectors, numbers: optimizer.numbers }, bestParameters };
}

function isNoNumber(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

function paddingAfter(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
