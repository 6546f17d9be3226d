/** Reads the text of a job spec. */
import { createReadStream } from 'node:fs';
import { LockstepError } from '@lockstep/protocol/core';
import { MAX_SPEC_BYTES } from './limits.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a spec. @throws LockstepError USAGE when it cannot be read, never ends, or is no UTF-8 */
export async function readSpecText(path: string): Promise<string> {
  const pieces: Buffer[] = [];
  let byteCount = 0;
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      byteCount += piece.length;
      if (byteCount > MAX_SPEC_BYTES) throw new Error(`it has more than ${MAX_SPEC_BYTES} bytes`);
      pieces.push(piece);
    }
    return utf8.decode(Buffer.concat(pieces));
  } catch (cause) {
    throw new LockstepError('USAGE', {
      message: `The job spec ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      field: 'SPEC',
      value: path,
      fix: 'Give the path of a job.yaml; `lockstep init DATA --label COLUMN` writes one.',
      cause,
    });
  }
}
