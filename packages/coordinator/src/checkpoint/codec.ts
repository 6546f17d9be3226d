/**
 * Bytes of a checkpoint: magic, length of the header (uint32, little-endian), header as JSON, padding to 64 bytes, the
 * vectors as float32, and the SHA-256 of all of that. Numbers in JSON are float64 and survive unchanged, NaN as well.
 */
import { createHash } from 'node:crypto';
import { SAMPLER_V1 } from '@lockstep/protocol/core';
import { z } from 'zod';
import { jsonFloat64, stringifyNumbers } from '../core/json-number.js';
import type { Checkpoint } from './checkpoint.js';

const MAGIC = Buffer.from('LSCKPT2\n');
const ALIGNMENT = 64;
const HASH_BYTES = 32;
/** Bytes that are hashed, written or read at once: other work is done in between, and no call has a limit below. */
export const PIECE_BYTES = 8 * 1024 * 1024;
const LENGTH_BYTES = 4;

const count = z.int().min(0);
const headerSchema = z.strictObject({
  work: z.strictObject({
    spec: z.record(z.string(), z.unknown()),
    dataFingerprint: z.string(),
    numericClass: z.string(),
    rebasedAt: z.array(count).default([]),
    sampler: z.literal(SAMPLER_V1),
  }),
  step: count,
  leadershipEpoch: count,
  elementCount: count,
  optimizer: z.strictObject({ vectors: z.array(z.string()), numbers: z.record(z.string(), jsonFloat64) }),
  history: z.array(
    z.strictObject({
      epoch: count,
      seconds: jsonFloat64,
      learningRate: jsonFloat64,
      metrics: z.record(z.string(), jsonFloat64),
    }),
  ),
  sums: z.strictObject({ denominator: jsonFloat64, loss: jsonFloat64, metric: jsonFloat64 }),
  secondsInEpoch: jsonFloat64,
  stopping: z.strictObject({ wait: count, best: jsonFloat64.nullable(), bestEpoch: count, stoppedEpoch: count }),
  hasBestParameters: z.boolean(),
  skipped: z.strictObject({ total: count, inARow: count }),
  residualCount: count.default(0),
});

/** The bytes in pieces; vectors are views, so that nothing is copied. */
export function* encodeCheckpoint(checkpoint: Checkpoint): Generator<Uint8Array> {
  const { parameters, optimizer, bestParameters, residuals, ...rest } = checkpoint;
  const names = Object.keys(optimizer.vectors);
  const text = stringifyNumbers({
    ...rest,
    elementCount: parameters.length,
    optimizer: { vectors: names, numbers: optimizer.numbers },
    hasBestParameters: bestParameters !== null,
    residualCount: residuals.length,
  });
  const json = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  const hash = createHash('sha256');
  const start = MAGIC.length + LENGTH_BYTES + json.length;
  const vectors = [parameters, ...names.map((name) => optimizer.vectors[name] as Float32Array)];
  if (bestParameters) vectors.push(bestParameters);
  vectors.push(...residuals);
  for (const part of [MAGIC, length, json, new Uint8Array(paddingAfter(start)), ...vectors.map(bytesOf)]) {
    for (const piece of piecesOf(part)) {
      hash.update(piece);
      yield piece;
    }
  }
  yield hash.digest();
}

/**
 * Reads a checkpoint: yields memory that has to be filled with the next bytes of the file before it goes on.
 * @param size bytes of the file
 * @throws Error saying what is wrong with them
 */
export function* decodeCheckpoint(size: number): Generator<Uint8Array, Checkpoint, void> {
  const hash = createHash('sha256');
  function* take<Target extends Uint8Array>(target: Target): Generator<Uint8Array, Target, void> {
    for (const piece of piecesOf(target)) {
      yield piece;
      hash.update(piece);
    }
    return target;
  }
  const first = MAGIC.length + LENGTH_BYTES;
  const end = size - HASH_BYTES;
  if (end < first) throw new Error('it is torn');
  const head = yield* take(Buffer.alloc(first));
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is no checkpoint of this format');
  const afterHeader = first + head.readUInt32LE(MAGIC.length);
  if (afterHeader > end) throw new Error('it is torn');
  const header = readHeader(yield* take(Buffer.alloc(afterHeader - first)));
  const { elementCount, optimizer, hasBestParameters, residualCount, ...fields } = header;
  const padding = paddingAfter(afterHeader);
  const vectorCount = 1 + optimizer.vectors.length + (hasBestParameters ? 1 : 0) + residualCount;
  if (afterHeader + padding + vectorCount * elementCount * 4 !== end) {
    throw new Error('its vectors do not fill it: it is torn or damaged');
  }
  yield* take(Buffer.alloc(padding));
  const vectors: Float32Array[] = [];
  for (let index = 0; index < vectorCount; index++) {
    const vector = new Float32Array(elementCount);
    yield* take(bytesOf(vector));
    vectors.push(vector);
  }
  const [parameters = new Float32Array(), ...others] = vectors;
  const found = Buffer.alloc(HASH_BYTES);
  yield found;
  if (!hash.digest().equals(found)) throw new Error('its SHA-256 does not fit its content: it is torn or damaged');
  const named = Object.fromEntries(optimizer.vectors.map((name, index) => [name, others[index] as Float32Array]));
  const after = others.slice(optimizer.vectors.length);
  const bestParameters = hasBestParameters ? (after.shift() ?? null) : null;
  const { numbers } = optimizer;
  return { ...fields, parameters, optimizer: { vectors: named, numbers }, bestParameters, residuals: after };
}

function readHeader(json: Buffer): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(json.toString('utf8')));
  } catch (cause) {
    throw new Error('its header cannot be read: it is torn or damaged', { cause });
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function paddingAfter(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
