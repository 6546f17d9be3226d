/** Uploads a spec's data and submits the job. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Job__Output, LockstepClient } from '@lockstep/client';
import type { DataFile } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { noteJob } from './failure-report.js';
import { folderOf, type SpecFile } from './spec-file.js';

/** Sends data and spec. @throws LockstepError DATA_NOT_FOUND before anything is sent */
export async function submitSpec(
  client: LockstepClient,
  file: SpecFile,
  {
    requestId = randomUUID(),
    namespace = '',
    afterInterruption,
  }: {
    readonly requestId?: string | undefined;
    /** '' leaves it to the coordinator. */
    readonly namespace?: string | undefined;
    /** What to do where the job goes on without this command. */
    readonly afterInterruption?: ((jobId: string) => string) | undefined;
  } = {},
): Promise<Job__Output> {
  const uploads: Record<string, string> = {};
  for (const { path, name } of await dataFilesOf(file)) {
    uploads[name] = (await client.upload(path, basename(path))).sha256;
  }
  const { text: spec, overrides } = file;
  const request = { spec, format: 'SPEC_FORMAT_YAML', requestId, namespace, overrides, uploads } as const;
  const job = await client.submit(request, traceparent());
  noteJob(job.id, afterInterruption?.(job.id));
  return job;
}

/** The span that this command runs in, which CI systems set TRACEPARENT to; '' for what is none. */
function traceparent(): string {
  const text = process.env.TRACEPARENT?.trim() ?? '';
  return /^[0-9a-f-]{55,200}$/.test(text) ? text : '';
}

/** The files of a spec's data, each under its name at the coordinator. @throws LockstepError DATA_NOT_FOUND, DATA_UNREADABLE */
export async function dataFilesOf({ path, spec, dataPath }: SpecFile): Promise<readonly DataFile[]> {
  const given = spec.data.path;
  const { findDataFiles } = await import('@lockstep/data');
  try {
    return await findDataFiles({ given, from: folderOf(path) });
  } catch (thrown) {
    if (!(thrown instanceof LockstepError) || thrown.code !== 'DATA_NOT_FOUND') throw thrown;
    throw new LockstepError('DATA_NOT_FOUND', {
      message: `The data file ${dataPath} does not exist.`,
      field: 'data.path',
      value: given,
      fix: 'Check data.path; it is relative to the folder of the spec, of one from a pipe to the working directory.',
      cause: thrown,
    });
  }
}
