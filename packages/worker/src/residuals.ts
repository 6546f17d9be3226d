/** What lanes have not sent of their gradients so far: state of each lane, kept by the worker that computes it. */
import { inTurns, type StepCommand__Output } from '@lockstep/protocol';
import { type LaneCodec, LockstepError } from '@lockstep/protocol/core';

/** Reads what a lane was handed out with at a version. @param into zeros, and as long as the parameters */
export type ReadResidual = (lane: number, origin: number, into: Float32Array) => Promise<void>;

/** What residuals are made with. */
export interface ResidualOptions {
  readonly codec: LaneCodec;
  readonly elementCount: number;
  readonly read: ReadResidual;
  /** Refuses so many lanes where their vectors do not fit. @throws LockstepError LIMIT_EXCEEDED */
  readonly checkMemory: (lanes: number) => void;
}

/** A lane between two versions. */
interface LaneState {
  /** Added to the lane's next gradient. */
  before: Float32Array;
  /** What is left once that gradient is sent. */
  after: Float32Array;
  /** Version that `after` was made on; null before it is. */
  madeOn: number | null;
  readonly codes: Uint8Array;
}

/**
 * Residuals of the lanes of one job. A lane may be encoded again on the same version, from the same residual to the same
 * codes; what was left counts from the next version on.
 */
export class Residuals {
  readonly #options: ResidualOptions;
  readonly #lanes = new Map<number, LaneState>();
  #origin = -1;

  constructor(options: ResidualOptions) {
    this.#options = options;
  }

  /**
   * Makes the lanes of a command ready to be encoded on its version: reads those that are not held from its origin on.
   * @throws LockstepError LIMIT_EXCEEDED where they do not fit into memory
   */
  async prepare({ lanes, version, residualOrigin }: StepCommand__Output): Promise<void> {
    if (residualOrigin !== this.#origin) this.#lanes.clear();
    this.#origin = residualOrigin;
    const held = new Set([...this.#lanes.keys(), ...lanes]);
    if (held.size > this.#lanes.size) this.#options.checkMemory(held.size);
    for (const lane of lanes) {
      const state = this.#lanes.get(lane) ?? (await this.#read(lane));
      if (state.madeOn === null || state.madeOn === version) continue;
      [state.before, state.after, state.madeOn] = [state.after, state.before, null];
    }
  }

  /** Encodes a lane. @param gradient becomes what is sent of it. @returns the codes, until the lane is encoded again */
  async encode(lane: number, version: number, gradient: Float32Array): Promise<Uint8Array> {
    const state = this.#held(lane);
    const { before: residual, after: next, codes } = state;
    await inTurns(this.#options.codec.encode({ gradient, residual, next }, codes));
    state.madeOn = version;
    return codes;
  }

  /** What a lane has not sent before a version that it was not computed on yet. @throws LockstepError LANE_FAILED */
  left(lane: number): Float32Array {
    const { before, after, madeOn } = this.#held(lane);
    return madeOn === null ? before : after;
  }

  #held(lane: number): LaneState {
    const state = this.#lanes.get(lane);
    if (!state) throw new LockstepError('LANE_FAILED', { message: `This worker holds no residual of lane ${lane}.` });
    return state;
  }

  async #read(lane: number): Promise<LaneState> {
    const { elementCount, codec, read } = this.#options;
    const before = new Float32Array(elementCount);
    await read(lane, this.#origin, before);
    const after = new Float32Array(elementCount);
    const state = { before, after, madeOn: null, codes: new Uint8Array(codec.codeBytes) };
    this.#lanes.set(lane, state);
    return state;
  }
}
