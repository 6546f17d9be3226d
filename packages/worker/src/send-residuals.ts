/** Sends what lanes have not sent so far, on its way into a checkpoint. */
import type { ResidualCommand__Output } from '@lockstep/protocol';
import { frameRanges, LockstepError } from '@lockstep/protocol/core';
import type { Outbox } from './outbox.js';
import type { Residuals } from './residuals.js';

/** Settles when all of it is on its way. @throws LockstepError PROTOCOL_VIOLATION where the job's lanes have no residuals */
export async function sendResiduals(
  command: ResidualCommand__Output,
  residuals: Residuals | null,
  outbox: Outbox,
): Promise<void> {
  const { lanes, ...head } = command;
  if (!residuals)
    throw new LockstepError('PROTOCOL_VIOLATION', { message: 'The lanes of this job have no residuals.' });
  for (const lane of lanes) {
    const { buffer, byteOffset, length } = residuals.left(lane);
    for (const { start, end } of frameRanges(length, Float32Array.BYTES_PER_ELEMENT)) {
      if (!outbox.isOpen) return;
      const data = Buffer.from(buffer, byteOffset + start * 4, (end - start) * 4);
      await outbox.send({ residual: { ...head, lane, startElement: start, data } });
    }
  }
  // Then their vectors may be written again.
  await outbox.allTaken();
}
