/** The file of `--rejects`: whole or not there. */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Rejects } from '@lockstep/data';
import { writeError } from '@lockstep/protocol/core';
import { syncFolder } from '@lockstep/protocol/disk';
import { refuseOwnInput } from './output-file.js';
import { temporaryName } from './whole-files.js';

/** A list of rejects that is being written. */
export interface RejectsOutput {
  readonly sink: Rejects;
  /** Gives the list its name. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  keep(): Promise<void>;
  /** Removes a list that was not kept. */
  discard(): Promise<void>;
}

/** Begins the list for a path. @param inputs files that the command reads @throws LockstepError USAGE, OUTPUT_UNWRITABLE */
export async function openRejects(path: string, inputs: readonly string[]): Promise<RejectsOutput> {
  await refuseOwnInput(path, inputs, '--rejects');
  const temporary = temporaryName(path);
  const sink = new Rejects(temporary);
  return {
    sink,
    keep: async () => {
      sink.close();
      try {
        await rename(temporary, path);
        await syncFolder(dirname(path));
      } catch (cause) {
        throw writeError(path, cause, { field: '--rejects' });
      }
    },
    discard: () => rm(temporary, { force: true }),
  };
}
