/** The parameter layout of a job plan, checked before memory is cut by it. */
import { ALIGNMENT_ELEMENTS, LockstepError, type ParameterLayout } from '@lockstep/protocol/core';

/** The layout as it travels in a job plan. */
export interface LayoutMessage {
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly startElement: number;
    readonly trainable: boolean;
  }[];
  readonly elementCount: number;
}

/** The layout a plan carries. @throws LockstepError PROTOCOL_VIOLATION when a tensor lies off its boundary or outside */
export function readLayout(message: LayoutMessage | null): ParameterLayout {
  if (!message) throw invalid('it is absent');
  const tensors = message.tensors.map(({ name, shape, startElement, trainable }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    if (startElement % ALIGNMENT_ELEMENTS !== 0) throw invalid(`${name} does not start on a 64-byte boundary`);
    if (startElement + length > message.elementCount) throw invalid(`${name} ends outside the vector`);
    return { name, shape: [...shape], start: startElement, length, trainable };
  });
  return { tensors, elementCount: message.elementCount };
}

function invalid(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `The job's parameter layout is invalid: ${what}.` });
}
