/**
 * Golden lanes: one fixed training graph over fixed numbers, computed by every worker before it joins. Their hashes are
 * part of the numeric class, so that an engine whose bits differ is found before it touches a job.
 */
import { createHash } from 'node:crypto';
import { RandomStream } from '@lockstep/protocol/core';
import type { Engine, EngineSession, EngineTensor, EngineValueInfo } from './engine.js';
import { GOLDEN_LANE_MODEL } from './golden-lane.onnx.js';

/** Rows of the three lanes: a full one, a ragged one and one sample, whose matrix products take kernels of their own. */
const LANE_ROWS = [32, 13, 1] as const;
const HASH_DIGITS = 8;
const SEED = 0x90_1d;
/** Any number that no purpose of a job has. */
const PURPOSE = 255;

/** What an engine makes of the golden lanes. */
export interface GoldenLanes {
  /** A hash of each, for example "5f0e1c2a-77aa0b19-0c9d4e55". */
  readonly hashes: string;
  /** Whether a second computation gave the same. */
  readonly isRepeatable: boolean;
}

/** Computes the golden lanes twice. @throws LockstepError ENGINE_LOAD_FAILED, ENGINE_RUN_FAILED */
export async function computeGoldenLanes(engine: Engine, threads: number): Promise<GoldenLanes> {
  const session = await engine.createSession(Buffer.from(GOLDEN_LANE_MODEL, 'base64'), { threads });
  const compute = async (): Promise<string> => {
    const hashes: string[] = [];
    for (const rows of LANE_ROWS) hashes.push(await goldenHash(engine, session, rows));
    return hashes.join('-');
  };
  try {
    const hashes = await compute();
    return { hashes, isRepeatable: (await compute()) === hashes };
  } finally {
    await session.release();
  }
}

async function goldenHash(engine: Engine, session: EngineSession, rows: number): Promise<string> {
  const classes = session.outputs.find(({ name }) => name === 'scores')?.shape[1] ?? 1;
  const feeds = Object.fromEntries(
    session.inputs.map((input, index) => [input.name, feed(engine, input, { index, rows, classes })]),
  );
  const results = await session.run(feeds, Object.fromEntries(session.outputs.map(({ name }) => [name, null])));
  const hash = createHash('sha256');
  for (const { name } of session.outputs) {
    const data = results[name]?.data as Float32Array;
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, HASH_DIGITS);
}

/** Features and parameters in [-1/2, 1/2), class numbers as targets, weights 1 and 1/2 in turn. */
function feed(
  engine: Engine,
  { name, shape: declared }: EngineValueInfo,
  { index, rows, classes }: { readonly index: number; readonly rows: number; readonly classes: number },
): EngineTensor {
  const shape = declared.map((size) => (size < 0 ? rows : size));
  const count = shape.reduce((product, size) => product * size, 1);
  const data = engine.allocate('float32', count);
  const random = new RandomStream(SEED, PURPOSE, index);
  const valueAt = (at: number): number => {
    if (name === 'target') return at % classes;
    if (name === 'weight') return at % 2 === 0 ? 1 : 0.5;
    return random.uniform(at) - 0.5;
  };
  for (let at = 0; at < count; at++) data[at] = valueAt(at);
  return { type: 'float32', shape, data };
}
