/** Receives one data file, from where an earlier try stopped. */
import type * as grpc from '@grpc/grpc-js';
import type { UploadDataRequest__Output, UploadDataResponse } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { DirectoryStore } from '../adapters/directory-store.js';
import type { UploadWriter } from '../adapters/upload-writer.js';
import { MAX_UPLOAD_BYTES } from '../limits.js';

/**
 * Stores the bytes of a call under their SHA-256. Bytes that are there already are passed over, so that two clients
 * may send the same file.
 * @throws LockstepError DATA_TOO_LARGE, PROTOCOL_VIOLATION on a gap, UPLOAD_MISMATCH, DISK_FULL
 */
export async function receiveUpload(
  call: grpc.ServerReadableStream<UploadDataRequest__Output, UploadDataResponse>,
  store: DirectoryStore,
): Promise<UploadDataResponse> {
  let writer: UploadWriter | null = null;
  let total = -1;
  try {
    for await (const message of call as AsyncIterable<UploadDataRequest__Output>) {
      if (total < 0) {
        total = checkTotal(message.totalBytes);
        writer = await store.appendUpload(message.sha256);
        if (!writer) return await store.uploadStatus(message.sha256);
      }
      if (writer) await takePiece(message, writer, total);
    }
    if (!writer) throw new LockstepError('PROTOCOL_VIOLATION', { message: 'An upload without a message.' });
  } catch (thrown) {
    await writer?.abandon();
    throw thrown;
  }
  return writer.finish(total);
}

async function takePiece(
  { offset, data }: UploadDataRequest__Output,
  writer: UploadWriter,
  total: number,
): Promise<void> {
  if (data.length === 0) return;
  const { storedBytes } = writer;
  if (offset > storedBytes || offset + data.length > total) {
    const message = `An upload of ${total} bytes must go on at byte ${storedBytes}, not with ${data.length} at ${offset}.`;
    throw new LockstepError('PROTOCOL_VIOLATION', { message, field: 'offset', value: String(offset) });
  }
  const known = storedBytes - offset;
  if (known < data.length) await writer.append(data.subarray(known));
}

function checkTotal(totalBytes: number): number {
  if (totalBytes <= MAX_UPLOAD_BYTES) return totalBytes;
  throw new LockstepError('DATA_TOO_LARGE', {
    message: `A file has at most ${MAX_UPLOAD_BYTES} bytes.`,
    field: 'total_bytes',
    value: String(totalBytes),
  });
}
