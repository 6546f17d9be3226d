/**
 * Codecs with error feedback: what a lane sends of its gradient is short, and what it does not send stays with it as a
 * residual and is added to its next gradient. Only lanes are encoded; sums over them are plain float32.
 */
import { LockstepError } from '../../errors/lockstep-error.js';

/** The vectors of one lane in one step, of one length. */
export interface LaneVectors {
  /** The lane's gradient; becomes what its codes stand for. */
  readonly gradient: Float32Array;
  /** What was not sent before this step; left as it is. */
  readonly residual: Float32Array;
  /** Receives what is not sent in this step: gradient + residual, rounded to float32, less what the codes stand for. */
  readonly next: Float32Array;
}

/** Reads the codes of one lane, as they arrive. */
export interface LaneDecoder {
  /** Bytes taken so far. */
  readonly received: number;
  /** Takes the bytes of the next frame. @throws LockstepError PROTOCOL_VIOLATION on codes that no encoder makes */
  take(bytes: Uint8Array): void;
}

/** A codec for vectors of one length. */
export interface LaneCodec {
  readonly name: 'int8' | 'topK';
  /** Bytes of the codes of a vector. */
  readonly codeBytes: number;
  /** Bytes of codes in a frame, but for the last one. */
  readonly frameBytes: number;
  /**
   * Encodes a lane. Where gradient + residual is not finite somewhere, so is what the codes stand for, and `next` is the
   * residual. @param codes receives {@link codeBytes}
   */
  readonly encode: (vectors: LaneVectors, codes: Uint8Array) => Generator<void, void>;
  /** @param into receives what the codes stand for */
  readonly decoder: (into: Float32Array) => LaneDecoder;
}

/** The error of codes that cannot be read. */
export function badCodes(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `A worker sent codes that cannot be read: ${what}.` });
}
