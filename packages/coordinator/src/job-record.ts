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
});

const schema = z.strictObject({
  format: z.literal(1),
  id: z.string(),
  requestId: z.string(),
  /** What was submitted under the request id. */
  fingerprint: z.string(),
  /** Resolved spec, YAML. */
  spec: z.string(),
  dataSha256: z.string(),
  dataName: z.string(),
  createdUnixSeconds: z.number(),
  updatedUnixSeconds: z.number(),
  state: z.enum(JOB_STATES),
  reason: z.string(),
  failure: failure.nullable(),
  result: result.nullable(),
});

/** A job as it is kept. */
export type JobRecord = z.infer<typeof schema>;

/** The text of record.json. */
export function writeRecord(record: JobRecord): string {
  return `${stringifyNumbers(record, 2)}\n`;
}

/** Reads record.json. @throws Error saying what is wrong with it */
export function readRecord(text: string): JobRecord {
  return schema.parse(JSON.parse(text));
}

/** Where a job that is known again stands: as it ended, or at its beginning. */
export function phaseOf({ state, reason, failure: kept }: JobRecord): JobPhase {
  if (state === 'failed') {
    return { state, reason, error: kept ? LockstepError.of(kept) : new LockstepError('INTERNAL', { message: reason }) };
  }
  const phase = { state, reason } as Exclude<JobPhase, { state: 'failed' }>;
  return isTerminal(phase)
    ? phase
    : { state: 'pending', reason: 'waits for its turn; the coordinator was started again' };
}
