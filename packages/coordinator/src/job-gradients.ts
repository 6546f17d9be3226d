/** How the gradients of a job are added up and travel, from its spec. */
import { GRADIENT_FORMATS, type GradientFormat, type LaneCodec, laneCodec } from '@lockstep/protocol/core';
import type { GradientsSpec } from '@lockstep/spec';

/** What `train.gradients` stands for. */
export interface JobGradients {
  /** What operands of the reduction tree are rounded to. */
  readonly format: GradientFormat;
  /** What lanes travel as; null where their vectors do. */
  readonly codec: LaneCodec | null;
}

/** `train.gradients` as plans name it. */
export function namedGradients(gradients: GradientsSpec): { readonly name: string; readonly fraction: number } {
  return typeof gradients === 'string'
    ? { name: gradients, fraction: 0 }
    : { name: gradients.type, fraction: gradients.fraction };
}

/** The format and codec of vectors of a length. */
export function gradientsOf(gradients: GradientsSpec, elementCount: number): JobGradients {
  const codec = laneCodec(namedGradients(gradients), elementCount);
  if (codec || typeof gradients !== 'string' || gradients === 'int8')
    return { format: GRADIENT_FORMATS.float32, codec };
  return { format: GRADIENT_FORMATS[gradients], codec: null };
}
