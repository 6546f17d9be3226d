/** Errors of a table that is an argument of the command, not the `data.path` of a spec. */
import { LockstepError } from '@lockstep/protocol/core';

/** Does work on the table DATA; errors that name `data.path` name the argument instead. */
export async function onDataArgument(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!(thrown instanceof LockstepError) || thrown.field !== 'data.path') throw thrown;
    const { code, message, cause } = thrown;
    const fix = code === 'DATA_NOT_FOUND' ? 'Check the path.' : thrown.fix;
    throw new LockstepError(code, { message, field: 'DATA', value: path, fix, cause });
  }
}
