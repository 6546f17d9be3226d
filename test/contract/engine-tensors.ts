/** Sessions and tensors that the engine contract uses. */
import type { Engine, EngineSession, EngineTensor } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import { expect, onTestFinished } from 'vitest';

/** A tensor. */
export const tensor = (type: EngineTensor['type'], shape: readonly number[], data: EngineTensor['data']) => ({
  ...{ type, shape, data },
});

/** Aligned float32 data with a fixed pattern of values between -1 and 1. */
export function pattern(engine: Engine, count: number, seed = 1): Float32Array {
  const data = engine.allocate('float32', count);
  for (let index = 0; index < count; index += 1)
    data[index] = (Math.imul(index + seed, 2654435761) >>> 8) / 2 ** 23 - 1;
  return data;
}

/** The bits of float32 data. */
export function bitsOf(data: EngineTensor['data'] | undefined): readonly number[] {
  if (!(data instanceof Float32Array)) throw new Error('no float32 data');
  return Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length));
}

/** Loads a model until the test ends. */
export async function open(engine: Engine, model: Uint8Array, threads = 1): Promise<EngineSession> {
  const session = await engine.createSession(model, { threads });
  onTestFinished(() => session.release());
  return session;
}

/** The error that an action ends with. */
export async function failure(action: Promise<unknown>): Promise<LockstepError> {
  const thrown = await action.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(LockstepError);
  return thrown as LockstepError;
}

/** Inputs of the affine model. */
export function affineFeeds(engine: Engine, rows: number): Record<string, EngineTensor> {
  return {
    x: tensor('float32', [rows, 16], pattern(engine, rows * 16)),
    kernel: tensor('float32', [16, 16], pattern(engine, 256, 7)),
    bias: tensor('float32', [16], pattern(engine, 16, 9)),
  };
}

/** Inputs of the model of all types. */
export function typedFeeds(rows: number): Record<string, EngineTensor> {
  const numbers = Array.from({ length: rows }, (_, row) => row + 1);
  return {
    single: tensor('float32', [rows, 2], Float32Array.from([...numbers, ...numbers])),
    double: tensor(
      'float64',
      [rows],
      Float64Array.from(numbers, (value) => value + 0.1),
    ),
    long: tensor(
      'int64',
      [rows],
      BigInt64Array.from(numbers, (value) => 2n ** 60n + BigInt(value)),
    ),
    int: tensor(
      'int32',
      [rows],
      Int32Array.from(numbers, (value) => -value),
    ),
    byte: tensor(
      'uint8',
      [rows],
      Uint8Array.from(numbers, (value) => 255 - value),
    ),
    flag: tensor(
      'bool',
      [rows],
      Uint8Array.from(numbers, (value) => value % 2),
    ),
    text: tensor(
      'string',
      [rows, 1],
      numbers.map((value) => ['', 'plain', 'Zoë 🚂'][value % 3] as string),
    ),
  };
}

/** Fetches of every output of the model of all types. */
export const ALL_NULL = Object.fromEntries(
  ['single', 'double', 'long', 'int', 'byte', 'flag', 'text'].map((name) => [`${name}_out`, null]),
);
