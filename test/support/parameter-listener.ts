/**
 * A second reader of the parameter broadcast, written from docs/wire.md alone: it shares no code with the product, so
 * that it shows what anyone can read off the wire.
 */
import { crc32 } from 'node:zlib';
import { connect, type Msg } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

/** Headers that are numbers. */
const NUMBERS = ['leadershipEpoch', 'version', 'chunk', 'count', 'offset', 'crc32'] as const;
/** Tensors start at a multiple of so many elements. */
const LINE_ELEMENTS = 16;

/** A chunk as it came. */
export interface Chunk extends Readonly<Record<(typeof NUMBERS)[number], number>> {
  readonly job: string;
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** A version that arrived whole. */
export interface Version {
  readonly flat: Float32Array;
  readonly chunks: number;
  readonly digest: number;
}

/** Hears every job's broadcast from now on. */
export interface ParameterListener {
  readonly chunks: readonly Chunk[];
  /** Waits until all that was published before is in {@link chunks}. */
  settle(): Promise<void>;
}

/** Subscribes to the broadcast of all jobs until the test ends. */
export async function listenToParameters(nats: string): Promise<ParameterListener> {
  const connection = await connect({ servers: nats });
  onTestFinished(() => connection.close());
  const chunks: Chunk[] = [];
  connection.subscribe('lockstep.*.params', { callback: (_error, message) => void chunks.push(readChunk(message)) });
  await connection.flush();
  return { chunks, settle: () => connection.flush() };
}

/** The versions of a broadcast by number. @throws Error naming the first fault, also a version that is not whole */
export function assembleVersions(chunks: readonly Chunk[]): Map<number, Version> {
  const byVersion = new Map<number, Chunk[]>();
  for (const chunk of chunks) byVersion.set(chunk.version, [...(byVersion.get(chunk.version) ?? []), chunk]);
  return new Map([...byVersion].map(([version, parts]) => [version, assemble(version, parts)]));
}

/** CRC-32 over the tuples chunk, offset, crc32 of a version's chunks in order, each a little-endian uint32. */
export function digestOf(chunks: readonly Pick<Chunk, 'chunk' | 'offset' | 'crc32'>[]): number {
  const tuples = Buffer.alloc(chunks.length * 12);
  chunks.forEach(({ chunk, offset, crc32: checksum }, index) => {
    tuples.writeUInt32LE(chunk, index * 12);
    tuples.writeUInt32LE(offset, index * 12 + 4);
    tuples.writeUInt32LE(checksum, index * 12 + 8);
  });
  return crc32(tuples);
}

/** Tensors cut out of a flat vector by their shapes, and the elements in between. */
export function cutTensors(
  flat: Float32Array,
  shapes: readonly (readonly number[])[],
): { readonly tensors: readonly Float32Array[]; readonly between: readonly number[] } {
  const tensors: Float32Array[] = [];
  const between: number[] = [];
  let start = 0;
  for (const shape of shapes) {
    const end = start + shape.reduce((product, size) => product * size, 1);
    tensors.push(flat.slice(start, end));
    start = Math.ceil(end / LINE_ELEMENTS) * LINE_ELEMENTS;
    between.push(...flat.slice(end, start));
  }
  if (start !== flat.length) throw new Error(`the tensors end at ${start}, the vector at ${flat.length}`);
  return { tensors, between };
}

function readChunk({ headers, subject, data }: Msg): Chunk {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, decimal(name, headers?.get(name))]));
  if (headers?.get('dtype') !== 'float32') throw new Error(`dtype is ${headers?.get('dtype')}`);
  const fields = numbers as Record<(typeof NUMBERS)[number], number>;
  return { ...fields, job: headers.get('job'), subject, payload: Uint8Array.from(data) };
}

function decimal(name: string, text: string | undefined): number {
  if (!/^\d+$/.test(text ?? '')) throw new Error(`header ${name} is ${JSON.stringify(text)}, not a decimal number`);
  return Number(text);
}

function assemble(version: number, parts: readonly Chunk[]): Version {
  const fault = (what: string): Error => new Error(`version ${version}: ${what}`);
  const ordered = parts.toSorted((a, b) => a.chunk - b.chunk);
  const { count } = ordered[0] as Chunk;
  if (ordered.length !== count) throw fault(`${ordered.length} chunks of ${count} arrived`);
  let next = 0;
  ordered.forEach((part, index) => {
    if (part.chunk !== index || part.count !== count) throw fault(`chunk ${part.chunk} of ${part.count} at ${index}`);
    if (part.offset !== next) throw fault(`chunk ${index} starts at ${part.offset}, not ${next}`);
    if (part.crc32 !== crc32(part.payload)) throw fault(`chunk ${index} has another CRC-32`);
    next += part.payload.length / 4;
  });
  const bytes = Buffer.concat(ordered.map(({ payload }) => payload));
  const flat = Float32Array.from({ length: next }, (_, element) => bytes.readFloatLE(element * 4));
  return { flat, chunks: count, digest: digestOf(ordered) };
}
