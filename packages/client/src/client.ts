/** Typed client of a coordinator: submit, follow, download. */
import { createHash } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import type {
  DownloadModelResponse__Output,
  Job__Output,
  JobEvent__Output,
  ListJobsResponse__Output,
  ListWorkersResponse__Output,
  SubmitJobRequest,
  ValidateSpecResponse__Output,
  WatchJobResponse__Output,
} from '@lockstep/protocol';
import {
  type AccessOptions,
  ClusterServiceClient,
  channelOptions,
  clientCredentials,
  fromServiceError,
  JobServiceClient,
  LockstepError,
  readAccess,
  unary,
  waitForReady,
} from '@lockstep/protocol';
import { DEADLINE_MS, WATCH_RETRIES, WATCH_RETRY_MS } from './limits.js';
import { type UploadedFile, uploadFile } from './upload.js';

/** How to reach a coordinator. */
export interface ClientOptions extends AccessOptions {
  /** "host:port". */
  readonly address: string;
  /** Milliseconds to wait for the first connection. @default 5000 */
  readonly connectTimeoutMs?: number;
}

/** A connection to one coordinator. Close it when done. */
export class LockstepClient {
  readonly address: string;
  readonly #jobs: JobServiceClient;
  readonly #cluster: ClusterServiceClient;

  private constructor(address: string, jobs: JobServiceClient, cluster: ClusterServiceClient) {
    this.address = address;
    this.#jobs = jobs;
    this.#cluster = cluster;
  }

  /** Connects. @throws LockstepError SERVER_UNREACHABLE, TLS_REFUSED, TLS_INVALID, USAGE */
  static async connect({ address, connectTimeoutMs = 5000, ...options }: ClientOptions): Promise<LockstepClient> {
    const access = await readAccess(address, options);
    const credentials = clientCredentials(access);
    const jobs = new JobServiceClient(address, credentials, channelOptions(access));
    try {
      await waitForReady(jobs, { timeoutMs: connectTimeoutMs, access });
    } catch (thrown) {
      jobs.close();
      throw thrown;
    }
    const shared = { ...channelOptions(access), channelOverride: jobs.getChannel() };
    return new LockstepClient(address, jobs, new ClusterServiceClient(address, credentials, shared));
  }

  /**
   * Submits a job; the same `requestId` gives the same job.
   * @param traceparent span that the job's own is in, in the form of W3C Trace Context; '' for none
   */
  async submit(request: SubmitJobRequest, traceparent = ''): Promise<Job__Output> {
    const response = await this.#unary('submitJob', request, traceparent ? { traceparent } : {});
    return present(response.job);
  }

  /** Lets the coordinator check a spec. */
  validate(spec: string, overrides: Readonly<Record<string, string>> = {}): Promise<ValidateSpecResponse__Output> {
    return this.#unary('validateSpec', { spec, format: 'SPEC_FORMAT_YAML', overrides });
  }

  /** The job as it is now. @throws LockstepError JOB_NOT_FOUND */
  async get(jobId: string): Promise<Job__Output> {
    return present((await this.#unary('getJob', { jobId })).job);
  }

  /** One page of jobs, newest first; their results come without metrics.json and history.csv. */
  list(pageSize = 0, pageToken = ''): Promise<ListJobsResponse__Output> {
    return this.#unary('listJobs', { pageSize, pageToken });
  }

  /** One page of the connected workers, by id: those that may work for jobs that the caller sees. */
  workers(pageSize = 0, pageToken = ''): Promise<ListWorkersResponse__Output> {
    return unary(this.#cluster, 'listWorkers', { pageSize, pageToken }, { deadlineMs: DEADLINE_MS });
  }

  /** Cancels a job; a job that has ended stays as it is. */
  async cancel(jobId: string, reason: string): Promise<Job__Output> {
    return present((await this.#unary('cancelJob', { jobId, reason })).job);
  }

  /** Deletes a job that has ended, with all that is kept of it. @returns the job as it was */
  async delete(jobId: string): Promise<Job__Output> {
    return present((await this.#unary('deleteJob', { jobId })).job);
  }

  /** Tells a job to suspend; one that runs is suspended once it has kept its last step. One that has ended stays as it is. */
  async suspend(jobId: string, reason: string): Promise<Job__Output> {
    return present((await this.#unary('suspendJob', { jobId, reason })).job);
  }

  /** Lets a suspended job go on; any other stays as it is. */
  async resume(jobId: string): Promise<Job__Output> {
    return present((await this.#unary('resumeJob', { jobId })).job);
  }

  /** Every event of a job after `afterSequence`, across lost connections, until the job has ended. */
  watch(jobId: string, afterSequence = 0): AsyncGenerator<JobEvent__Output> {
    return this.#events({ jobId, untilNow: false }, afterSequence);
  }

  /** The events of a job that there are now; a job that runs is not followed. @throws LockstepError JOB_NOT_FOUND */
  history(jobId: string): AsyncGenerator<JobEvent__Output> {
    return this.#events({ jobId, untilNow: true }, 0);
  }

  async *#events(
    request: { readonly jobId: string; readonly untilNow: boolean },
    afterSequence: number,
  ): AsyncGenerator<JobEvent__Output> {
    let sequence = afterSequence;
    for (let failures = 0; ; ) {
      const stream = this.#jobs.watchJob({ ...request, afterSequence: sequence });
      try {
        for await (const { event } of stream as AsyncIterable<WatchJobResponse__Output>) {
          if (!event) continue;
          sequence = event.sequence;
          failures = 0;
          yield event;
        }
        return;
      } catch (thrown) {
        const error = fromServiceError(thrown);
        failures++;
        if (!error.entry.retryable || failures > WATCH_RETRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, WATCH_RETRY_MS * failures));
      } finally {
        cancel(stream);
      }
    }
  }

  /** Uploads a file unless the coordinator has it; goes on where an earlier try stopped. @throws LockstepError */
  upload(path: string, fileName: string): Promise<UploadedFile> {
    return uploadFile(this.#jobs, path, fileName);
  }

  /** The bytes of a succeeded job's model, checked against its SHA-256. @throws LockstepError UPLOAD_MISMATCH */
  async *downloadModel(jobId: string, sha256: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    const stream = this.#jobs.downloadModel({ jobId, artifact: 'ARTIFACT_MODEL' });
    try {
      for await (const { data } of stream as AsyncIterable<DownloadModelResponse__Output>) {
        hash.update(data);
        yield data;
      }
    } catch (thrown) {
      throw fromServiceError(thrown);
    } finally {
      cancel(stream);
    }
    const found = hash.digest('hex');
    if (found !== sha256) {
      throw new LockstepError('UPLOAD_MISMATCH', {
        message: `The downloaded model has SHA-256 ${found}, not ${sha256}.`,
        field: 'model.onnx',
        fix: 'Download it again.',
      });
    }
  }

  /** The trace of a job that has ended and was submitted with `run.trace`. @throws LockstepError JOB_NOT_FINISHED, USAGE */
  downloadTrace(jobId: string): AsyncGenerator<Uint8Array> {
    return this.#download(jobId, 'ARTIFACT_TRACE');
  }

  /** The rows that a succeeded job with `data.onBadRow: skip` left out, as CSV. @throws LockstepError JOB_NOT_FINISHED, USAGE */
  downloadRejects(jobId: string): AsyncGenerator<Uint8Array> {
    return this.#download(jobId, 'ARTIFACT_REJECTS');
  }

  /** TensorBoard's event file of a job that has ended. @throws LockstepError JOB_NOT_FINISHED, USAGE where it has none */
  downloadEvents(jobId: string): AsyncGenerator<Uint8Array> {
    return this.#download(jobId, 'ARTIFACT_EVENTS');
  }

  /** Closes the connection. */
  close(): void {
    this.#jobs.close();
  }

  async *#download(
    jobId: string,
    artifact: 'ARTIFACT_TRACE' | 'ARTIFACT_REJECTS' | 'ARTIFACT_EVENTS',
  ): AsyncGenerator<Uint8Array> {
    const stream = this.#jobs.downloadModel({ jobId, artifact });
    try {
      for await (const { data } of stream as AsyncIterable<DownloadModelResponse__Output>) yield data;
    } catch (thrown) {
      throw fromServiceError(thrown);
    } finally {
      cancel(stream);
    }
  }

  #unary<Method extends UnaryMethod>(
    method: Method,
    request: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<UnaryResponses[Method]> {
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return unary<object, UnaryResponses[Method]>(this.#jobs, method, request, { deadlineMs: DEADLINE_MS, metadata });
  }
}

interface UnaryResponses {
  submitJob: { job: Job__Output | null };
  validateSpec: ValidateSpecResponse__Output;
  getJob: { job: Job__Output | null };
  listJobs: ListJobsResponse__Output;
  cancelJob: { job: Job__Output | null };
  suspendJob: { job: Job__Output | null };
  deleteJob: { job: Job__Output | null };
  resumeJob: { job: Job__Output | null };
}
type UnaryMethod = keyof UnaryResponses;

function present(job: Job__Output | null): Job__Output {
  if (!job) throw new LockstepError('PROTOCOL_VIOLATION', { message: 'The coordinator answered without a job.' });
  return job;
}

/** Ends a call whose consumer stopped early; nobody listens to its error any more. */
function cancel(stream: grpc.ClientReadableStream<unknown>): void {
  stream.on('error', () => {});
  stream.cancel();
}
