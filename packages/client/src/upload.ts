/** Sends a file to a coordinator, from where an earlier try stopped. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type * as grpc from '@grpc/grpc-js';
import type { GetUploadResponse__Output, UploadDataRequest, UploadDataResponse__Output } from '@lockstep/protocol';
import { fromServiceError, type JobServiceClient, LockstepError, unary } from '@lockstep/protocol';
import { DEADLINE_MS, HASH_CHUNK_BYTES, UPLOAD_CHUNK_BYTES, UPLOAD_RETRIES, UPLOAD_RETRY_MS } from './limits.js';

/** A file whose SHA-256 is known and whose bytes the coordinator holds. */
export interface UploadedFile {
  readonly sha256: string;
  readonly bytes: number;
}

interface SourceFile {
  readonly path: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly totalBytes: number;
}

/** Uploads a file unless it is there. A lost connection is made up for. @throws LockstepError UPLOAD_MISMATCH, DISK_FULL */
export async function uploadFile(jobs: JobServiceClient, path: string, fileName: string): Promise<UploadedFile> {
  const file = { path, fileName, sha256: await hashFile(path), totalBytes: (await stat(path)).size };
  for (let failures = 0; ; ) {
    try {
      await sendRest(jobs, file);
      return { sha256: file.sha256, bytes: file.totalBytes };
    } catch (thrown) {
      const error = fromServiceError(thrown);
      if (!error.entry.retryable || ++failures > UPLOAD_RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, UPLOAD_RETRY_MS * failures));
    }
  }
}

async function sendRest(jobs: JobServiceClient, file: SourceFile): Promise<void> {
  const { sha256, path } = file;
  const held: GetUploadResponse__Output = await unary(jobs, 'getUpload', { sha256 }, { deadlineMs: DEADLINE_MS });
  if (held.complete) return;
  const { complete } = await send(jobs, file, held.storedBytes);
  if (complete) return;
  const message = `${path} changed while it was uploaded.`;
  throw new LockstepError('UPLOAD_MISMATCH', { message, field: 'data.path', value: path });
}

async function send(jobs: JobServiceClient, file: SourceFile, start: number): Promise<UploadDataResponse__Output> {
  const upload = openUpload(jobs);
  try {
    const { sha256, totalBytes, fileName } = file;
    await upload.write({ sha256, totalBytes, fileName, offset: start, data: Buffer.alloc(0) });
    let offset = start;
    for await (const piece of createReadStream(file.path, { start, highWaterMark: UPLOAD_CHUNK_BYTES })) {
      const data = piece as Buffer;
      // An answer before the end: the file is there, or refused.
      if (!(await upload.write({ offset, data }))) break;
      offset += data.length;
    }
    upload.call.end();
    return await upload.answer;
  } catch (thrown) {
    upload.call.cancel();
    throw thrown;
  }
}

/** An upload call; `write` waits for room and says whether the coordinator still listens. */
function openUpload(jobs: JobServiceClient): {
  readonly call: grpc.ClientWritableStream<UploadDataRequest>;
  readonly answer: Promise<UploadDataResponse__Output>;
  readonly write: (message: UploadDataRequest) => Promise<boolean>;
} {
  let isAnswered = false;
  let resolveAnswer: (response: UploadDataResponse__Output) => void = () => {};
  let rejectAnswer: (error: LockstepError) => void = () => {};
  const answer = new Promise<UploadDataResponse__Output>((resolve, reject) => {
    resolveAnswer = resolve;
    rejectAnswer = reject;
  });
  const call = jobs.uploadData((error, response) => {
    isAnswered = true;
    if (error) rejectAnswer(fromServiceError(error));
    else if (response) resolveAnswer(response);
  });
  const settled = answer.then(
    () => {},
    () => {},
  );
  const write = async (message: UploadDataRequest): Promise<boolean> => {
    if (isAnswered) return false;
    if (!call.write(message)) await Promise.race([new Promise((resolve) => call.once('drain', resolve)), settled]);
    return !isAnswered;
  };
  return { call, answer, write };
}

/** SHA-256 of a file's bytes, hex. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: HASH_CHUNK_BYTES })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
