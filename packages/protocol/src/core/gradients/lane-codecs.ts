/** Every codec of lanes by its name. */
import { int8Codec } from './int8.js';
import type { LaneCodec } from './lane-codec.js';
import { topKCodec } from './top-k.js';

/** A codec as a job names it. */
export interface CodecChoice {
  readonly name: string;
  /** Of `topK`: the share of a vector's elements that is sent, above 0. */
  readonly fraction: number;
}

/** The codec of a name for vectors of a length; null where there is none. */
export function laneCodec({ name, fraction }: CodecChoice, elementCount: number): LaneCodec | null {
  if (name === 'int8') return int8Codec(elementCount);
  if (name === 'topK' && fraction > 0 && fraction <= 1) return topKCodec(elementCount, fraction);
  return null;
}
