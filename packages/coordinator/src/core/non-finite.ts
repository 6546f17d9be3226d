/** What becomes of a step whose loss or gradient is not finite. Pure. */
import { inPieces } from '@lockstep/protocol/core';

/** Steps whose update was left out. */
export interface SkippedSteps {
  readonly total: number;
  /** Up to the newest step. */
  readonly inARow: number;
}

/** No step was skipped. */
export const NONE_SKIPPED: SkippedSteps = { total: 0, inARow: 0 };

/** Steps in a row that may be skipped: parameters that make every step bad do not get better by waiting. */
export const MAX_SKIPPED_IN_A_ROW = 10;
/** Times that one coordinator goes back to a checkpoint of a job; later bad steps are skipped at once. */
export const MAX_REWINDS = 8;

/** What to do with a bad step. Bits follow the step alone: `rewind` and `skip` end alike where a step is bad each time. */
export function verdictOn(
  policy: 'stop' | 'skip' | 'rewind',
  step: number,
  { skipped, rewound }: { readonly skipped: SkippedSteps; readonly rewound: ReadonlySet<number> },
): 'stop' | 'skip' | 'rewind' {
  if (policy === 'rewind' && !rewound.has(step) && rewound.size < MAX_REWINDS) return 'rewind';
  if (policy === 'stop' || skipped.inARow >= MAX_SKIPPED_IN_A_ROW) return 'stop';
  return 'skip';
}

/** Position of the first element that is not finite; the length where all are. */
export function* firstNotFinite(values: Float32Array): Generator<void, number> {
  let first = 0;
  yield* inPieces(values.length, (start, end) => {
    if (first < start) return;
    while (first < end && Number.isFinite(values[first])) first++;
  });
  return first;
}
