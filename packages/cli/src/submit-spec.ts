/** Uploads a spec's data and submits the job. */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { LockstepError } from '@lockstep/protocol/core';
import { noteJob } from './failure-report.js';
import type { SpecFile } from './spec-file.js';

/** Sends data and spec. @throws LockstepError DATA_NOT_FOUND before anything is sent */
export async function submitSpec(
  client: LockstepClient,
  file: SpecFile,
  {
    requestId = randomUUID(),
    afterInterruption,
  }: {
    readonly requestId?: string | undefined;
    /** What to do where the job goes on without this command. */
    readonly afterInterruption?: ((jobId: string) => string) | undefined;
  } = {},
): Promise<Job__Output> {
  await checkDataFile(file);
  const { sha256 } = await client.upload(file.dataPath, basename(file.dataPath));
  const job = await client.submit({
    spec: file.text,
    format: 'SPEC_FORMAT_YAML',
    requestId,
    overrides: file.overrides,
    uploads: { [file.spec.data.path]: sha256 },
  });
  noteJob(job.id, afterInterruption?.(job.id));
  return job;
}

/** Refuses a data file that is absent or not a file. @throws LockstepError DATA_NOT_FOUND, DATA_UNREADABLE */
export async function checkDataFile(file: SpecFile): Promise<void> {
  const field = 'data.path';
  const value = file.spec.data.path;
  const found = await stat(file.dataPath).catch((cause: unknown) => {
    throw new LockstepError('DATA_NOT_FOUND', {
      message: `The data file ${file.dataPath} does not exist.`,
      field,
      value,
      fix: 'Check data.path; it is relative to the folder of the spec, of one from a pipe to the working directory.',
      cause,
    });
  });
  if (!found.isFile()) {
    throw new LockstepError('DATA_UNREADABLE', {
      message: `${file.dataPath} is ${found.isDirectory() ? 'a folder' : 'no regular file'}.`,
      field,
      value,
      fix: 'Folders and devices are not read; give one CSV file.',
    });
  }
}
