/** A job's trace: what is heard of workers, and the file that it becomes. */
import { inTurns, type TrainRequest__Output } from '@lockstep/protocol';
import type { WorkerKey } from './core/lane-state.js';
import type { StepTrace } from './core/step-trace.js';

/** The trace's file in the folder of its job. */
export const TRACE_FILE = 'trace.json';
/** Pieces that are written between two looks at the event loop. */
const PIECES_AT_ONCE = 1000;

/** Notes a message of a worker, where it is part of a gradient. */
export function hearFrame(
  trace: StepTrace,
  { workerId: worker }: WorkerKey,
  { gradient }: TrainRequest__Output,
  nowMs: number,
): void {
  if (!gradient) return;
  const { step, firstLane, endLane, sums } = gradient;
  const lanes = endLane - firstLane === 1 ? `lane ${firstLane}` : `lanes ${firstLane}-${endLane - 1}`;
  trace.arrived({ worker, step, lanes, measured: sums }, nowMs);
}

/** The text of the file, made while other work goes on. */
export function traceText(trace: StepTrace): Promise<string> {
  return inTurns(joined(trace.pieces()));
}

function* joined(pieces: Iterable<string>): Generator<void, string> {
  let text = '';
  let count = 0;
  for (const piece of pieces) {
    text += piece;
    if (++count % PIECES_AT_ONCE === 0) yield;
  }
  return text;
}
