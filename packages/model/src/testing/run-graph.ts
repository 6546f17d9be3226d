/** Runs a graph with ONNX Runtime, for tests. */
import * as ort from 'onnxruntime-node';
import type { Graph, Tensor } from '../graph/graph.js';
import { encodeModel } from '../onnx/encode.js';

/** What is fed to an input. */
export type Feed = Pick<Tensor, 'type' | 'shape' | 'data'>;

/** What comes out: the type in ONNX Runtime's spelling, bool for truth values. */
export interface Result {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | bigint)[];
}

/** A float32 feed. */
export function float32(shape: readonly number[], data: Iterable<number>): Feed {
  return { type: 'float32', shape, data: Float32Array.from(data) };
}

/** A graph that is loaded and can be run many times. */
export interface OpenGraph {
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Result>>>;
  close(): Promise<void>;
}

/** Loads a graph on the CPU with one thread. */
export async function openGraph(graph: Graph): Promise<OpenGraph> {
  const session = await ort.InferenceSession.create(encodeModel(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    async run(feeds) {
      const inputs = Object.entries(feeds).map(([name, feed]) => [
        name,
        new ort.Tensor(feed.type as 'float32', feed.data as Float32Array, feed.shape),
      ]);
      const outputs = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { type, dims, data }]) => [
          name,
          { type, shape: dims, data: Array.from(data as Iterable<number | string | bigint>) },
        ]),
      );
    },
    close: () => session.release(),
  };
}

/** Loads a graph and runs it once. @returns each output by name */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Readonly<Record<string, Result>>> {
  const open = await openGraph(graph);
  try {
    return await open.run(feeds);
  } finally {
    await open.close();
  }
}

/** Numbers of an output. @throws Error when there is no such output */
export function numbersOf(results: Readonly<Record<string, Result>>, name: string): number[] {
  const found = results[name];
  if (!found) throw new Error(`no output ${name}`);
  return found.data.map(Number);
}
