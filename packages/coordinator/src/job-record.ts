/** What the store keeps of a job, so that a coordinator that starts again knows it. */
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';
import { isTerminal, JOB_STATES, type JobPhase } from './core/job-machine.js';
import { jsonFloat64, stringifyNumbers } from './core/json-number.js';

const count = z.int().min(0);
const failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  field: z.string(),
  value: z.string(),
  fix: z.string(),
});
const result = z.strictObject({
  parametersSha256: z.string(),
  lanes: count,
  numericClass: z.string(),
  reproducible: z.boolean(),
  testMetrics: z.record(z.string(), jsonFloat64),
  metricsJson: z.string(),
  historyCsv: z.string(),
  modelBytes: count,
  modelSha256: z.string(),
  exportDifference: jsonFloat64,
  firstStepUnixSeconds: z.number(),
  // Records of before it was kept have none.
  link: z.string().default(''),
  // As of curves.
  curvesJson: z.string().default('null'),
  // As of times.
  processTimes: z
    .array(z.strictObject({ process: z.string(), steps: count, phaseSeconds: z.record(z.string(), z.number()) }))
    .default([]),
});

const schema = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  requestId: z.string(),
  /** What was submitted under the request id. */
  fingerprint: z.string(),
  // Records of before jobs had one have none.
  namespace: z.string().default('default'),
  /** Resolved spec, YAML. */
  spec: z.string(),
  dataName: z.string(),
  dataFiles: z.array(z.strictObject({ name: z.string(), sha256: z.string() })).min(1),
  createdUnixSeconds: z.number(),
  /** Of a job whose place among all is not when it was submitted: the clock was set back. */
  order: z.number().optional(),
  updatedUnixSeconds: z.number(),
  state: z.enum(JOB_STATES),
  reason: z.string(),
  failure: failure.nullable(),
  result: result.nullable(),
});

/** A job as it is kept. */
export type JobRecord = z.infer<typeof schema>;

/** The place of a job among all. */
export function orderOf({ order, createdUnixSeconds }: JobRecord): number {
  return order ?? createdUnixSeconds;
}

/** The text of record.json. */
export function writeRecord(record: JobRecord): string {
  return `${stringifyNumbers(record, 2)}\n`;
}

/** Reads record.json. @throws Error saying what is wrong with it */
export function readRecord(text: string): JobRecord {
  return schema.parse(withFiles(JSON.parse(text)));
}

/** Records of before data could have several files name one by its SHA-256. */
function withFiles(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('dataSha256' in record)) return record;
  const { dataSha256: sha256, ...rest } = record as { dataSha256: unknown; dataName?: unknown };
  return { ...rest, dataFiles: [{ name: rest.dataName, sha256 }] };
}

/** Where a job that is known again stands: as it ended or was suspended, or at its beginning. */
export function phaseOf({ state, reason, failure: kept }: JobRecord): JobPhase {
  if (state === 'failed') {
    return { state, reason, error: kept ? LockstepError.of(kept) : new LockstepError('INTERNAL', { message: reason }) };
  }
  const phase = { state, reason } as Exclude<JobPhase, { state: 'failed' }>;
  return isTerminal(phase) || state === 'suspended'
    ? phase
    : { state: 'pending', reason: 'waits for its turn; the coordinator was started again' };
}
