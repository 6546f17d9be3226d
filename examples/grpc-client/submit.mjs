/**
 * Submits a job, follows it and fetches its model with gRPC's own libraries and `protos/`: what a client in any
 * language does, through TLS and with a token.
 * Usage: node submit.mjs JOB.yaml DATA MODEL --server HOST:PORT --ca FILE --token-file FILE
 * DATA is the file that the job's `data.path` names; MODEL is written.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PIECE_BYTES = 256 * 1024;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { server: { type: 'string' }, ca: { type: 'string' }, 'token-file': { type: 'string' } },
});
const [spec, data, model] = positionals;
if (!model || !values.server || !values.ca || !values['token-file'])
  throw new Error('usage: node submit.mjs JOB.yaml DATA MODEL --server HOST:PORT --ca FILE --token-file FILE');

const token = (await readFile(values['token-file'], 'utf8')).trim();
const credentials = grpc.credentials.combineChannelCredentials(
  grpc.credentials.createSsl(await readFile(values.ca)),
  grpc.credentials.createFromMetadataGenerator((_, callback) => {
    const metadata = new grpc.Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    callback(null, metadata);
  }),
);
const { lockstep } = grpc.loadPackageDefinition(
  loadSync('lockstep/v1/jobs.proto', {
    includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  }),
);
const jobs = new lockstep.v1.JobService(values.server, credentials);
const call = (method, request) => promisify(jobs[method].bind(jobs))(request);

/** Sends a file under its SHA-256, in pieces. */
async function upload(path) {
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { complete } = await call('GetUpload', { sha256 });
  if (complete) return sha256;
  await new Promise((resolve, reject) => {
    const stream = jobs.UploadData((error, answer) => (error ? reject(error) : resolve(answer)));
    stream.write({ sha256, totalBytes: bytes.length, fileName: basename(path) });
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES)
      stream.write({ offset, data: bytes.subarray(offset, offset + PIECE_BYTES) });
    stream.end();
  });
  return sha256;
}

const { job } = await call('SubmitJob', {
  spec: await readFile(spec, 'utf8'),
  format: 'SPEC_FORMAT_YAML',
  requestId: randomUUID(),
  uploads: { [basename(data)]: await upload(data) },
});
console.log(`job ${job.id}`);
for await (const { event } of jobs.WatchJob({ jobId: job.id })) {
  if (event.stateChanged) console.log(`${event.stateChanged.state} ${event.stateChanged.reason}`);
  if (event.epochEnded) console.log(`epoch ${event.epochEnded.epoch} loss ${event.epochEnded.trainLoss}`);
}

const { job: ended } = await call('GetJob', { jobId: job.id });
if (ended.state !== 'JOB_STATE_SUCCEEDED') throw new Error(`${ended.state}: ${ended.reason}`);
const pieces = [];
for await (const { data: piece } of jobs.DownloadModel({ jobId: job.id })) pieces.push(piece);
await writeFile(model, Buffer.concat(pieces));
const { parametersSha256, modelSha256, link, testMetrics } = ended.result;
console.log(JSON.stringify({ state: ended.state, parametersSha256, modelSha256, link, testMetrics }));
jobs.close();
