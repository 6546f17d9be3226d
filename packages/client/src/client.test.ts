/** The client against a server that misbehaves on demand: lost connections, early answers, early goodbyes. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as grpc from '@grpc/grpc-js';
import {
  createGrpcServer,
  type DownloadModelRequest__Output,
  type DownloadModelResponse,
  type GetUploadRequest__Output,
  jobServiceDefinition,
  LockstepError,
  toServiceError,
  type UploadDataRequest__Output,
  type UploadDataResponse,
  type WatchJobRequest__Output,
  type WatchJobResponse,
} from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockstepClient } from './client.js';

type WatchCall = grpc.ServerWritableStream<WatchJobRequest__Output, WatchJobResponse>;
type UploadCall = grpc.ServerReadableStream<UploadDataRequest__Output, UploadDataResponse>;
type DownloadCall = grpc.ServerWritableStream<DownloadModelRequest__Output, DownloadModelResponse>;

const LOST = toServiceError(new LockstepError('SERVER_UNREACHABLE', { message: 'gone' }));

async function start(handlers: grpc.UntypedServiceImplementation): Promise<LockstepClient> {
  const server = createGrpcServer();
  server.server.addService(jobServiceDefinition, handlers);
  const address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const client = await LockstepClient.connect({ address });
  onTestFinished(async () => {
    client.close();
    await server.close(0);
  });
  return client;
}

async function tempFile(bytes: Buffer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lockstep-client-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'data.csv');
  await writeFile(path, bytes);
  return path;
}

/** An upload store in memory. */
class Uploads {
  bytes = Buffer.alloc(0);
  calls = 0;
  messages = 0;
  /** Loses the connection of the first call after this many bytes. */
  loseAfter = Number.POSITIVE_INFINITY;
  complete = false;

  readonly handlers = {
    GetUpload: (
      _call: grpc.ServerUnaryCall<GetUploadRequest__Output, object>,
      callback: grpc.sendUnaryData<object>,
    ): void => callback(null, { storedBytes: this.bytes.length, complete: this.complete }),
    UploadData: (call: UploadCall, callback: grpc.sendUnaryData<UploadDataResponse>): void => {
      const loses = ++this.calls === 1;
      let total = 0;
      call.on('data', (message: UploadDataRequest__Output) => {
        this.messages++;
        if (message.totalBytes) total = message.totalBytes;
        if (message.offset !== this.bytes.length) throw new Error('a gap');
        this.bytes = Buffer.concat([this.bytes, message.data]);
        if (loses && this.bytes.length >= this.loseAfter) {
          call.removeAllListeners('data');
          callback(LOST);
        }
      });
      call.on('end', () => {
        this.complete = this.bytes.length === total;
        callback(null, { storedBytes: this.bytes.length, complete: this.complete });
      });
    },
  };
}

describe('a client', () => {
  it('says so when nobody answers', async () => {
    const connecting = LockstepClient.connect({ address: '127.0.0.1:1', connectTimeoutMs: 300 });
    await expect(connecting).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', field: 'server' });
  });

  it('goes on watching after the last event it saw when the connection is lost', async () => {
    const asked: number[] = [];
    const client = await start({
      WatchJob: (call: WatchCall) => {
        asked.push(call.request.afterSequence);
        const first = call.request.afterSequence + 1;
        for (const sequence of [first, first + 1]) call.write({ event: { sequence } });
        if (asked.length < 3) call.emit('error', LOST);
        else call.end();
      },
    });
    const seen: number[] = [];
    for await (const { sequence } of client.watch('job', 5)) seen.push(sequence);
    expect(asked).toEqual([5, 7, 9]);
    expect(seen).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it('asks for the events up to now, across a lost connection too', async () => {
    const asked: WatchJobRequest__Output[] = [];
    const client = await start({
      WatchJob: (call: WatchCall) => {
        asked.push(call.request);
        call.write({ event: { sequence: call.request.afterSequence + 1 } });
        if (asked.length < 2) call.emit('error', LOST);
        else call.end();
      },
    });
    const seen: number[] = [];
    for await (const { sequence } of client.history('job')) seen.push(sequence);
    expect(asked).toEqual([0, 1].map((afterSequence) => ({ jobId: 'job', afterSequence, untilNow: true })));
    expect(seen).toEqual([1, 2]);
  });

  it('gives up watching at once when the job does not exist', async () => {
    let calls = 0;
    const client = await start({
      WatchJob: (call: WatchCall) => {
        calls++;
        call.emit('error', toServiceError(new LockstepError('JOB_NOT_FOUND')));
      },
    });
    await expect(client.watch('job').next()).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(calls).toBe(1);
  });

  it('ends the call when its watcher has seen enough', async () => {
    let ended = (): void => {};
    const cancelled = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const client = await start({
      WatchJob: (call: WatchCall) => {
        call.on('cancelled', ended);
        call.write({ event: { sequence: 1 } });
      },
    });
    for await (const { sequence } of client.watch('job')) if (sequence === 1) break;
    await cancelled;
  });

  it('refuses a model that does not have the hash it should have', async () => {
    const model = randomBytes(1_000);
    const client = await start({
      DownloadModel: (call: DownloadCall) => {
        call.write({ data: model.subarray(0, 600) });
        call.write({ data: model.subarray(600) });
        call.end();
      },
    });
    const download = async (sha256: string): Promise<Buffer> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of client.downloadModel('job', sha256)) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    expect(await download(createHash('sha256').update(model).digest('hex'))).toEqual(model);
    await expect(download('0'.repeat(64))).rejects.toMatchObject({ code: 'UPLOAD_MISMATCH', field: 'model.onnx' });
  });
});

describe('an upload', () => {
  const DATA = randomBytes(3_000_000);

  it('sends a file in pieces, an empty one too', async () => {
    for (const bytes of [DATA, Buffer.alloc(0)]) {
      const uploads = new Uploads();
      const client = await start(uploads.handlers);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(await client.upload(await tempFile(bytes), 'data.csv')).toEqual({ sha256, bytes: bytes.length });
      expect(uploads.bytes.equals(bytes)).toBe(true);
    }
  });

  it('goes on where a lost connection stopped it', async () => {
    const uploads = new Uploads();
    uploads.loseAfter = 1_000_000;
    const client = await start(uploads.handlers);
    await client.upload(await tempFile(DATA), 'data.csv');
    expect(uploads.calls).toBe(2);
    expect(uploads.bytes.equals(DATA)).toBe(true);
  });

  it('sends nothing that is there already', async () => {
    const uploads = new Uploads();
    uploads.complete = true;
    const client = await start(uploads.handlers);
    await client.upload(await tempFile(DATA), 'data.csv');
    expect(uploads.calls).toBe(0);
  });

  it('stops sending when it is answered before its end', async () => {
    let received = 0;
    const client = await start({
      ...new Uploads().handlers,
      UploadData: (call: UploadCall, callback: grpc.sendUnaryData<UploadDataResponse>) => {
        call.once('data', () => callback(null, { storedBytes: 5, complete: true }));
        call.on('data', () => received++);
      },
    });
    await client.upload(await tempFile(randomBytes(20_000_000)), 'data.csv');
    expect(received).toBeLessThan(20_000_000 / (256 * 1024));
  });

  it('tells what the coordinator refuses it with', async () => {
    const client = await start({
      ...new Uploads().handlers,
      UploadData: (_call: UploadCall, callback: grpc.sendUnaryData<UploadDataResponse>) =>
        callback(toServiceError(new LockstepError('DISK_FULL', { message: 'no space' }))),
    });
    const upload = client.upload(await tempFile(DATA), 'data.csv');
    await expect(upload).rejects.toMatchObject({ code: 'DISK_FULL', message: 'no space' });
  });

  it('says so when the file is not there any more', async () => {
    const client = await start(new Uploads().handlers);
    await expect(client.upload('/nowhere/data.csv', 'data.csv')).rejects.toThrow('/nowhere/data.csv');
  });
});
