/** Follows a submitted job to its end and brings its files home. */
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { EVENT_FILE_NAME, eventFileName, LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import { keepElsewhere } from './keep-elsewhere.js';
import { type JobOutcome, rejectsOf, succeededOutcome } from './outcome.js';
import { writeOutputFile } from './output-file.js';
import type { Progress } from './render/progress.js';
import { reportPage } from './render/report-page.js';
import type { RunFolder } from './run-folder.js';
import { writeWholeFiles } from './whole-files.js';

const TERMINAL: ReadonlySet<string> = new Set(['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED']);

/** Whether a job in this state has ended. */
export function isEnd(state: string): boolean {
  return TERMINAL.has(state);
}

/** Shows events until the job has ended. @returns the job in its last state */
export async function followJob(client: LockstepClient, jobId: string, progress: Progress): Promise<Job__Output> {
  for await (const event of client.watch(jobId)) {
    progress.event(event);
    if (event.stateChanged && isEnd(event.stateChanged.state)) break;
  }
  progress.end();
  return client.get(jobId);
}

/** Brings a job's trace home, however it ended; one that failed early has none. @throws LockstepError of the file */
export async function collectTrace(client: LockstepClient, job: Job__Output, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const written = writeOutputFile(path, client.downloadTrace(job.id));
  // Why a job failed is of more use than why it has no trace.
  await (job.state === 'JOB_STATE_SUCCEEDED' ? written : written.catch(() => {}));
}

/**
 * Brings all of a job home from a coordinator that keeps it: of one that did not succeed, what TensorBoard shows of it.
 * @throws as {@link collectRun}
 */
export async function bringHome(
  client: LockstepClient,
  job: Job__Output,
  folder: RunFolder,
  { note, dataPath }: { readonly note: (text: string) => void; readonly dataPath?: string },
): Promise<JobOutcome> {
  if (job.state === 'JOB_STATE_SUCCEEDED') {
    const outcome = await collectRun(client, job, folder, dataPath);
    await collectEvents(client, job, folder, note).catch((thrown: unknown) =>
      note(`TensorBoard does not show this job, or another one with it: ${LockstepError.from(thrown).message}`),
    );
    return outcome;
  }
  // Why it failed is of more use than why it has none.
  await collectEvents(client, job, folder, note).catch(() => {});
  throw jobError(job);
}

/** Brings TensorBoard's file of a job home, in place of that of an earlier one. */
async function collectEvents(
  client: LockstepClient,
  job: Job__Output,
  folder: RunFolder,
  note: (text: string) => void,
): Promise<void> {
  if (parseJobSpec(job.resolvedSpec).spec?.run.tensorboard.enabled === false) return;
  const events = join(folder.path, 'events');
  const name = eventFileName(job.createdUnixSeconds);
  await writeWholeFiles({ [join(events, name)]: client.downloadEvents(job.id) }, { out: folder.path, replace: true });
  // A job that failed has left its file for the next one with the same folder; TensorBoard would show both as one.
  for (const other of await readdir(events)) {
    if (other === name || !EVENT_FILE_NAME.test(other)) continue;
    await rm(join(events, other), { force: true });
    note(`${join(events, other)} of an earlier job is gone: TensorBoard would show both as one`);
  }
}

/** The error of a job that failed or was cancelled. */
export function jobError(job: Job__Output): LockstepError {
  const failure = job.failure;
  if (!failure) {
    return new LockstepError('JOB_CANCELLED', { message: `Job ${job.id} was cancelled: ${job.reason}`, value: job.id });
  }
  return LockstepError.of(failure);
}

/**
 * Downloads a succeeded job's files into the folder of the run.
 * @param dataPath where its data is on this machine, if it is; spec.yaml then finds it from the folder
 * @throws the job's error when it did not succeed, or of the folder, naming where the files are kept instead
 */
export async function collectRun(
  client: LockstepClient,
  job: Job__Output,
  folder: RunFolder,
  dataPath?: string,
): Promise<JobOutcome> {
  const { state, result } = job;
  if (state !== 'JOB_STATE_SUCCEEDED' || !result) throw jobError(job);
  const { metricsJson, historyCsv, curvesJson, processTimes, parametersSha256 } = result;
  const write = (directory: string): Promise<void> => {
    const specYaml = dataPath ? specBeside(job.resolvedSpec, directory, dataPath) : job.resolvedSpec;
    return writeWholeFiles(
      {
        [join(directory, 'model.onnx')]: client.downloadModel(job.id, result.modelSha256),
        [join(directory, 'metrics.json')]: metricsJson,
        [join(directory, 'history.csv')]: historyCsv,
        ...(rejectsOf(metricsJson) ? { [join(directory, 'rejects.csv')]: client.downloadRejects(job.id) } : {}),
        [join(directory, 'spec.yaml')]: specYaml,
        [join(directory, 'report.html')]: reportPage({
          ...{ job: job.id, parametersSha256, metricsJson, historyCsv, curvesJson, processTimes, specYaml },
        }),
      },
      { out: folder.path, replace: folder.isResumed },
    );
  };
  await write(folder.path).catch(async (thrown: unknown) => {
    const error = LockstepError.from(thrown);
    throw error.field === '--out' ? await keepElsewhere(error, write) : error;
  });
  return succeededOutcome(job, join(folder.path, 'model.onnx'));
}

function specBeside(resolved: string, directory: string, dataPath: string): string {
  const { spec } = parseJobSpec(resolved);
  if (!spec) return resolved;
  return resolvedSpecYaml({ ...spec, data: { ...spec.data, path: relative(directory, dataPath) } });
}
