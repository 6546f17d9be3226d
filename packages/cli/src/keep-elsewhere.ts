/** A finished run whose folder can't be written is not thrown away. */
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';

/** Writes the run to a new temporary folder. @returns the error that stood in the way, which names that folder */
export async function keepElsewhere(
  error: LockstepError,
  write: (directory: string) => Promise<void>,
): Promise<LockstepError> {
  const { code, field, value, message } = error;
  let kept = '';
  try {
    kept = await mkdtemp(join(tmpdir(), 'lockstep-kept-'));
    await write(kept);
  } catch {
    if (kept) await rmdir(kept).catch(() => {});
    return error;
  }
  const fix = `Move the files of ${kept} to where you want them.`;
  return new LockstepError(code, {
    message: `${message} The finished run is in ${kept}.`,
    field,
    value,
    fix,
    cause: error,
  });
}
