/** Reads the text of a job spec. */
import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';

/** The text of a spec. @throws LockstepError USAGE when it cannot be read */
export async function readSpecText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
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
