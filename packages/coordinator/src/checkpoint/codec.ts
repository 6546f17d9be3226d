/**
 * Bytes of a checkpoint: magic, length of the header (uint32, little-endian), header as JSON, padding to 64 bytes, the
 * vectors as float32, and the SHA-256 of all of that. Numbers in JSON are float64 and survive unchanged, NaN as well.
 */
import { createHash } from 'node:crypto';
import { SAMPLER_V1 } from '@lockstep/protocol/core';
import { z } from 'zod';
import { jsonFloat64, stringifyNumbers } from '../core/json-number.js';
import type { Checkpoint } from './checkpoint.js';

const MAGIC = Buffer.from('LSCKPT1\n');
const ALIGNMENT = 64;
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;

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
});

/** The bytes in pieces; vectors are views, so that nothing is copied. */
export function* encodeCheckpoint(checkpoint: Checkpoint): Generator<Uint8Array> {
  const { parameters, optimizer, ...rest } = checkpoint;
  const names = Object.keys(optimizer.vectors);
  const text = stringifyNumbers({
    ...rest,
    elementCount: parameters.length,
    optimizer: { vectors: names, numbers: optimizer.numbers },
  });
  const json = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  const hash = createHash('sha256');
  const start = MAGIC.length + LENGTH_BYTES + json.length;
  const vectors = [parameters, ...names.map((name) => optimizer.vectors[name] as Float32Array)];
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
  const { elementCount, optimizer, ...rest } = header.parse(JSON.parse(file.toString('utf8', first, afterHeader)));
  const start = afterHeader + paddingAfter(afterHeader);
  if (start + (1 + optimizer.vectors.length) * elementCount * 4 !== end) throw new Error('its vectors do not fill it');
  const vector = (index: number): Float32Array => {
    const at = start + index * elementCount * 4;
    return new Float32Array(new Uint8Array(file.subarray(at, at + elementCount * 4)).buffer);
  };
  const vectors = Object.fromEntries(optimizer.vectors.map((name, index) => [name, vector(index + 1)]));
  return { ...rest, parameters: vector(0), optimizer: { vectors, numbers: optimizer.numbers } };
}

function paddingAfter(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
