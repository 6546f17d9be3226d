/** JobService: submit, validate, get, list, watch, cancel, suspend, resume, delete, upload, download. */
import { join } from 'node:path';
import type * as grpc from '@grpc/grpc-js';
import { REJECTS_FILE } from '@lockstep/data';
import {
  type Artifact__Output,
  type Job as JobMessage,
  type JobServiceHandlers,
  jobServiceDefinition,
  type SpecFormat__Output,
  type SubmitJobRequest__Output,
  toServiceError,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import { type DirectoryStore, EVENTS_FOLDER, PREPARED_FOLDER } from '../adapters/directory-store.js';
import { findEventFile } from '../adapters/event-folder.js';
import { parseSubmitted } from '../admission.js';
import { DEFAULT_NAMESPACE, NAME, type Principal, sees } from '../core/principal.js';
import type { Gate } from '../doors/gate.js';
import { followSoon } from '../follow-soon.js';
import type { Job } from '../job.js';
import type { JobQueue } from '../job-queue.js';
import { mostPriority, type SharingConfig } from '../sharing.js';
import { TRACE_FILE } from '../trace.js';
import { answer } from './answer.js';
import { JobCalls, listed } from './job-calls.js';
import { receiveUpload } from './receive-upload.js';
import { sendFile } from './send-pieces.js';
import { oneLine } from './words.js';

/** What the service works on. */
export interface JobsServiceOptions {
  readonly queue: JobQueue;
  readonly store: DirectoryStore;
  readonly gate: Gate;
  /** @default {} */
  readonly sharing?: SharingConfig;
  /** Told of a job that was submitted, perhaps not for the first time, and of the span that its client is in. */
  readonly onSubmitted: (job: Job, traceparent: string) => void;
}

/** Adds the service to a server. */
export function addJobsService(
  server: grpc.Server,
  { queue, store, gate, sharing = {}, onSubmitted }: JobsServiceOptions,
): void {
  const jobs = new JobCalls(queue);
  const find = (call: Call): Job => jobs.find(gate.caller(call), call.request.jobId);
  const handlers: JobServiceHandlers = {
    SubmitJob: answer(async (request, call) => {
      checkEnum('format', request.format, SPEC_FORMATS);
      oneLine(request.requestId, 'request_id');
      const caller = gate.caller(call);
      const namespace = namespaceFor(caller, request.namespace);
      if (caller.role !== 'admin') checkPriority(request, namespace, mostPriority(sharing, namespace));
      const job = await queue.submit(request, namespace);
      onSubmitted(job, String(call.metadata.get('traceparent')[0] ?? ''));
      return { job: job.toMessage() };
    }),
    ValidateSpec: answer(async ({ spec: text, format, overrides }) => {
      checkEnum('format', format, SPEC_FORMATS);
      const { spec, problems } = parseJobSpec(text, { overrides });
      return {
        problems: problems.map(({ line = 0, column = 0, suggestion = '', value = '', ...rest }) => ({
          ...rest,
          line,
          column,
          suggestion,
          value,
        })),
        resolvedSpec: spec ? resolvedSpecYaml(spec) : '',
      };
    }),
    GetJob: answer(async (_request, call) => ({ job: withActivity(find(call)) })),
    ListJobs: answer(async (request, call) => {
      const { jobs: found, nextPageToken } = jobs.list(gate.caller(call), request);
      return { jobs: found.map(listed), nextPageToken };
    }),
    CancelJob: answer(async (request, call) => ({
      job: (await jobs.cancel(gate.caller(call), request)).toMessage(),
    })),
    SuspendJob: answer(async (request, call) => {
      const reason = oneLine(request.reason, 'reason');
      return { job: (await queue.suspend(find(call).id, reason)).toMessage() };
    }),
    ResumeJob: answer(async (_request, call) => ({ job: (await queue.resume(find(call).id)).toMessage() })),
    DeleteJob: answer(async (_request, call) => ({ job: (await queue.delete(find(call).id, 'request')).toMessage() })),
    GetUpload: answer(async ({ sha256 }) => store.uploadStatus(sha256)),
    WatchJob: (call) => {
      watch(call, find).catch((thrown: unknown) => call.emit('error', toServiceError(thrown)));
    },
    UploadData: (call, callback) => {
      receiveUpload(call, store).then(
        (response) => callback(null, response),
        (thrown: unknown) => callback(toServiceError(thrown)),
      );
    },
    DownloadModel: (call) => {
      sendArtifact(call, find, store).catch((thrown: unknown) => call.emit('error', toServiceError(thrown)));
    },
  };
  server.addService(jobServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}

/** A call about one job. */
interface Call {
  readonly metadata: grpc.Metadata;
  readonly request: { readonly jobId: string };
}

/** The namespace of a job that a caller submits. @throws LockstepError USAGE, PERMISSION_DENIED */
function namespaceFor(caller: Principal, asked: string): string {
  const [own = DEFAULT_NAMESPACE, ...others] = caller.namespaces;
  const namespace = asked || (own === '*' || others.length > 0 ? DEFAULT_NAMESPACE : own);
  if (!NAME.test(namespace)) {
    const fix = 'Use at most 63 lower-case letters, digits and hyphens.';
    throw new LockstepError('USAGE', { message: 'namespace is no DNS label.', field: 'namespace', value: asked, fix });
  }
  if (sees(caller, namespace)) return namespace;
  throw new LockstepError('PERMISSION_DENIED', {
    message: `${caller.name} may not submit to the namespace ${namespace}, only to ${caller.namespaces.join(', ')}.`,
    ...{ field: 'namespace', value: namespace },
  });
}

/** @throws LockstepError PERMISSION_DENIED where a job asks for more than it may have, SPEC_INVALID */
function checkPriority(request: SubmitJobRequest__Output, namespace: string, most: number): void {
  if (most === Number.POSITIVE_INFINITY) return;
  const { priority } = parseSubmitted(request).run;
  if (priority <= most) return;
  throw new LockstepError('PERMISSION_DENIED', {
    message: `Jobs of the namespace ${namespace} have a priority of ${most} at most, and this one asks for ${priority}.`,
    ...{ field: 'run.priority', value: String(priority) },
    fix: `Use run.priority: ${most}, or ask an admin to submit the job.`,
  });
}

/** YAML holds JSON, so that one parser reads all of them. */
const SPEC_FORMATS: readonly SpecFormat__Output[] = ['SPEC_FORMAT_UNSPECIFIED', 'SPEC_FORMAT_YAML', 'SPEC_FORMAT_JSON'];
const ARTIFACTS: readonly Artifact__Output[] = [
  'ARTIFACT_UNSPECIFIED',
  'ARTIFACT_MODEL',
  'ARTIFACT_TRACE',
  'ARTIFACT_REJECTS',
  'ARTIFACT_EVENTS',
];
/** What is there of a job that did not succeed, too. */
const OF_ANY_END: ReadonlySet<Artifact__Output | number> = new Set(['ARTIFACT_TRACE', 'ARTIFACT_EVENTS'] as const);

/** Refuses a number that stands for none of the names that are known here. @throws LockstepError USAGE */
function checkEnum<Name extends string>(field: string, value: Name | number, names: readonly Name[]): void {
  if (names.some((name) => name === value)) return;
  throw new LockstepError('USAGE', {
    message: `${field} is ${value}, which is not known here.`,
    field,
    value: String(value),
    fix: `Use one of ${names.join(', ')}.`,
  });
}

function withActivity(job: Job): JobMessage {
  return { ...job.toMessage(), activity: job.activity };
}

async function watch(call: Parameters<JobServiceHandlers['WatchJob']>[0], find: (call: Call) => Job): Promise<void> {
  const job = find(call);
  let sequence = call.request.afterSequence;
  let isBlocked = true;
  const send = (): void => {
    if (isBlocked) return;
    for (const event of job.eventsAfter(sequence)) {
      sequence = Number(event.sequence);
      if (!call.write({ event })) {
        isBlocked = true;
        call.once('drain', () => {
          isBlocked = false;
          send();
        });
        return;
      }
    }
    if (job.hasEnded || call.request.untilNow) {
      unfollow();
      call.end();
    }
  };
  const unfollow = followSoon(job, send);
  call.on('cancelled', unfollow);
  await job.remember();
  isBlocked = false;
  if (!call.cancelled) send();
}

async function sendArtifact(
  call: Parameters<JobServiceHandlers['DownloadModel']>[0],
  find: (call: Call) => Job,
  store: DirectoryStore,
): Promise<void> {
  checkEnum('artifact', call.request.artifact, ARTIFACTS);
  const job = find(call);
  const isOfAnyEnd = OF_ANY_END.has(call.request.artifact);
  const isThere = isOfAnyEnd ? job.hasEnded : job.phase.state === 'succeeded';
  if (!isThere) {
    throw new LockstepError('JOB_NOT_FINISHED', {
      message: `Job ${job.id} is ${job.phase.state}: ${job.phase.reason}`,
      field: 'job_id',
      value: job.id,
    });
  }
  await sendFile(await artifactFile(job, call.request.artifact, store), call);
  call.end();
}

/** @throws LockstepError USAGE where the job was not submitted to have it */
async function artifactFile(
  { id, submission }: Job,
  artifact: Artifact__Output | number,
  store: DirectoryStore,
): Promise<string> {
  const { run, data } = submission.spec;
  switch (artifact) {
    case 'ARTIFACT_TRACE':
      if (!run.trace) throw untraced(id);
      return store.jobFile(id, TRACE_FILE);
    case 'ARTIFACT_REJECTS':
      if (data.onBadRow !== 'skip') throw nothingSkipped(id);
      return join(store.jobFile(id, PREPARED_FOLDER), REJECTS_FILE);
    case 'ARTIFACT_EVENTS': {
      const path = await findEventFile(store.jobFile(id, EVENTS_FOLDER));
      if (path === null) throw undrawn(id);
      return path;
    }
    default:
      return store.jobFile(id, 'model.onnx');
  }
}

function undrawn(jobId: string): LockstepError {
  const message = `Job ${jobId} has no event file: its spec has run.tensorboard.enabled: false, or it ended before its first step.`;
  const fix = 'Submit it with run.tensorboard.enabled: true.';
  return new LockstepError('USAGE', { message, field: 'artifact', value: jobId, fix });
}

function nothingSkipped(jobId: string): LockstepError {
  const message = `Job ${jobId} left no rows out: its spec has data.onBadRow: fail.`;
  const fix = 'Submit it with data.onBadRow: skip.';
  return new LockstepError('USAGE', { message, field: 'artifact', value: jobId, fix });
}

function untraced(jobId: string): LockstepError {
  const message = `Job ${jobId} has no trace: its spec has run.trace: false.`;
  return new LockstepError('USAGE', { message, field: 'artifact', value: jobId, fix: 'Submit it with --trace FILE.' });
}
