/** What the index says of a leadership and of a job: small, and whose it is. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { JOB_STATES } from '../core/job-machine.js';
import { type JobRecord, writeRecord } from '../job-record.js';

/** Who writes: one start of a coordinator. */
export interface IndexOwner {
  /** Tells two coordinators apart that believe in the same epoch. */
  readonly nonce: string;
  readonly epoch: number;
}

/** Key of the leadership. */
export const LEADER = 'leader';
const JOB_PREFIX = 'job.';

const owner = { format: z.literal(1), nonce: z.string(), epoch: z.int().min(1) };
const leader = z.strictObject(owner);
const jobEntry = z.strictObject({
  ...owner,
  id: z.string(),
  requestId: z.string(),
  state: z.enum(JOB_STATES),
  reason: z.string(),
  createdUnixSeconds: z.number(),
  updatedUnixSeconds: z.number(),
  /** Code of the failure, '' without one. */
  failure: z.string(),
  /** '' before the end. */
  parametersSha256: z.string(),
  /** SHA-256 of record.json in the store. */
  recordSha256: z.string(),
});

/** Key of a job. */
export function jobKey(jobId: string): string {
  return JOB_PREFIX + jobId;
}

/** The job of a key; null for another key. */
export function jobOfKey(key: string): string | null {
  return key.startsWith(JOB_PREFIX) ? key.slice(JOB_PREFIX.length) : null;
}

/** The value of {@link LEADER}. */
export function leaderText({ nonce, epoch }: IndexOwner): string {
  return JSON.stringify({ format: 1, nonce, epoch } satisfies z.infer<typeof leader>);
}

/** The value of a job's key. */
export function jobText({ nonce, epoch }: IndexOwner, record: JobRecord): string {
  const { id, requestId, state, reason, createdUnixSeconds, updatedUnixSeconds, failure, result } = record;
  return JSON.stringify({
    ...{ format: 1, nonce, epoch, id, requestId, state, reason, createdUnixSeconds, updatedUnixSeconds },
    failure: failure?.code ?? '',
    parametersSha256: result?.parametersSha256 ?? '',
    recordSha256: sha256(writeRecord(record)),
  } satisfies z.infer<typeof jobEntry>);
}

/** Who wrote a value; null where it cannot be read. */
export function ownerOf(text: string): IndexOwner | null {
  const parsed = z.object(owner).safeParse(json(text));
  return parsed.success ? { nonce: parsed.data.nonce, epoch: parsed.data.epoch } : null;
}

/** Whether a value, whoever wrote it, says what the store does. */
export function tellsOf(text: string, record: JobRecord): boolean {
  const parsed = jobEntry.safeParse(json(text));
  return parsed.success && parsed.data.recordSha256 === sha256(writeRecord(record));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
