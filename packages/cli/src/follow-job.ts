/** Follows a submitted job to its end and brings its files home. */
import { join } from 'node:path';
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { CATALOGUE, type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import { type JobOutcome, succeededOutcome } from './outcome.js';
import { writeRunFile } from './output-directory.js';
import type { Progress } from './render/progress.js';

const TERMINAL = new Set(['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED']);

/** Shows events until the job has ended. @returns the job in its last state */
export async function followJob(client: LockstepClient, jobId: string, progress: Progress): Promise<Job__Output> {
  for await (const event of client.watch(jobId)) {
    progress.event(event);
    if (event.stateChanged && TERMINAL.has(event.stateChanged.state)) break;
  }
  progress.end();
  return client.get(jobId);
}

/** The error of a job that failed or was cancelled. */
export function jobError(job: Job__Output): LockstepError {
  const failure = job.failure;
  if (!failure) {
    return new LockstepError('JOB_CANCELLED', { message: `Job ${job.id} was cancelled: ${job.reason}`, value: job.id });
  }
  const code = (failure.code in CATALOGUE ? failure.code : 'INTERNAL') as ErrorCode;
  return new LockstepError(code, {
    message: failure.message,
    field: failure.field,
    value: failure.value,
    ...(failure.fix ? { fix: failure.fix } : {}),
  });
}

/** Downloads a succeeded job's files into `directory`. @throws the job's error when it did not succeed */
export async function collectRun(client: LockstepClient, job: Job__Output, directory: string): Promise<JobOutcome> {
  if (job.state !== 'JOB_STATE_SUCCEEDED' || !job.result) throw jobError(job);
  await writeRunFile(directory, 'model.onnx', client.downloadModel(job.id, job.result.modelSha256));
  await writeRunFile(directory, 'metrics.json', job.result.metricsJson);
  await writeRunFile(directory, 'history.csv', job.result.historyCsv);
  await writeRunFile(directory, 'spec.yaml', job.resolvedSpec);
  return succeededOutcome(job, join(directory, 'model.onnx'));
}
