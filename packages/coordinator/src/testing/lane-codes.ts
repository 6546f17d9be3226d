/** What a {@link TestWorker} does for lanes that are encoded: it holds their residuals, in as few words as can be. */
import type {
  GetResidualResponse__Output,
  JobPlan__Output,
  ParameterServiceClient,
  ResidualCommand__Output,
  ResidualFrame,
  StepCommand__Output,
} from '@lockstep/protocol';
import { atOnce, type LaneCodec, laneCodec } from '@lockstep/protocol/core';

/** Residuals of the lanes of one plan, by lane: before the version that was computed last, and after it. */
export class LaneCodes {
  readonly #codec: LaneCodec;
  readonly #plan: JobPlan__Output;
  readonly #client: ParameterServiceClient;
  #newest = 0;
  readonly #lanes = new Map<string, { version: number; before: Float32Array; after: Float32Array }>();

  private constructor(codec: LaneCodec, plan: JobPlan__Output, client: ParameterServiceClient) {
    this.#codec = codec;
    this.#plan = plan;
    this.#client = client;
  }

  /** Null where lanes travel as vectors. */
  static of(plan: JobPlan__Output, client: ParameterServiceClient): LaneCodes | null {
    const codec = laneCodec({ name: plan.gradients, fraction: plan.topKFraction }, plan.layout?.elementCount ?? 0);
    return codec && new LaneCodes(codec, plan, client);
  }

  async encode({ version, residualOrigin: origin }: StepCommand__Output, lane: number, gradient: Float32Array) {
    const key = `${origin}/${lane}`;
    const held = this.#lanes.get(key);
    const residual = held ? (held.version === version ? held.before : held.after) : await this.#read(origin, lane);
    const next = new Float32Array(gradient.length);
    const codes = new Uint8Array(this.#codec.codeBytes);
    atOnce(this.#codec.encode({ gradient, residual, next }, codes));
    this.#lanes.set(key, { version, before: residual, after: next });
    this.#newest = origin;
    return Buffer.from(codes);
  }

  tell({ lanes, ...head }: ResidualCommand__Output): ResidualFrame[] {
    return lanes.map((lane) => {
      const { buffer } = this.#lanes.get(`${this.#newest}/${lane}`)?.after ?? new Float32Array();
      return { ...head, lane, startElement: 0, data: Buffer.from(buffer) };
    });
  }

  async #read(origin: number, lane: number): Promise<Float32Array> {
    const { jobId, leadershipEpoch } = this.#plan;
    const found = new Float32Array(this.#plan.layout?.elementCount ?? 0);
    const stream = this.#client.getResidual({ jobId, leadershipEpoch, origin, lane });
    for await (const { startElement, data } of stream as AsyncIterable<GetResidualResponse__Output>) {
      new Uint8Array(found.buffer).set(data, startElement * 4);
    }
    return found;
  }
}
