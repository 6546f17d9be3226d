/** What a submission has to be: a spec without a problem, whose data was uploaded, under a request id of its own. */
import { randomInt } from 'node:crypto';
import { posix } from 'node:path';
import { isPattern } from '@lockstep/data';
import type { SubmitJobRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import type { JobSubmission, UploadedData } from './job.js';
import { type JobRecord, orderOf } from './job-record.js';
import { MAX_SPEC_BYTES } from './limits.js';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_RANDOM = 8;
/** A job id is a DNS label. */
const MAX_ID = 63;

/** What was submitted, to tell a request that is sent again from another one. */
export function fingerprintOf({ spec, overrides, uploads }: SubmitJobRequest__Output): string {
  return JSON.stringify([spec, overrides, uploads]);
}

/**
 * The uploaded files of a spec's data in the order of their names: one under the path itself, or those of a folder or
 * of a pattern, each under its own name. @throws LockstepError UPLOAD_NOT_FOUND
 */
export function uploadsOf(spec: ResolvedJobSpec, uploads: Readonly<Record<string, string>>): readonly UploadedData[] {
  const { path } = spec.data;
  const files = Object.entries(uploads).map(([name, sha256]) => ({ name, sha256 }));
  const whole = files.find(({ name }) => name === path);
  if (whole) return [whole];
  const stray = files.find(({ name }) => !isMeantBy(path, name));
  if (files.length > 0 && !stray) return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const named = stray
    ? `names the uploaded file ${JSON.stringify(stray.name)}, which is not`
    : 'names no uploaded file for';
  const message = `The submission ${named} data.path ${JSON.stringify(path)}.`;
  throw new LockstepError('UPLOAD_NOT_FOUND', { message, field: 'data.path', value: path });
}

/** Whether a file may be one of those that a path means: in the folder, or found by a pattern, which looks at disks. */
function isMeantBy(path: string, name: string): boolean {
  return isPattern(path) || name.startsWith(posix.join(path, 'x').slice(0, -1));
}

/** The spec of a request. @throws LockstepError SPEC_INVALID with every problem */
export function parseSubmitted({
  spec: text,
  overrides,
}: {
  spec: string;
  overrides: Record<string, string>;
}): ResolvedJobSpec {
  if (Buffer.byteLength(text) > MAX_SPEC_BYTES) {
    throw new LockstepError('LIMIT_EXCEEDED', {
      message: `A spec has at most ${MAX_SPEC_BYTES} bytes.`,
      field: 'spec',
    });
  }
  const { spec, problems } = parseJobSpec(text, { overrides });
  if (spec) return spec;
  throw new LockstepError('SPEC_INVALID', {
    message: `The job spec has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
    field: 'spec',
    problems,
  });
}

/** What a job that is kept was submitted as. @param spec of its record */
export function submissionOf(record: JobRecord, spec: ResolvedJobSpec): JobSubmission {
  const { id, requestId, fingerprint, namespace, dataName, dataFiles, createdUnixSeconds } = record;
  const submitted = { requestId, fingerprint, namespace, dataName, dataFiles, createdUnixSeconds };
  return { id, spec, resolvedYaml: record.spec, ...submitted, order: orderOf(record) };
}

/** A new id from a job's name. */
export function newJobId(name: string): string {
  const random = Array.from({ length: ID_RANDOM }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_ID - ID_RANDOM - 1)
    .replace(/-+$/, '');
  return `${/^[a-z]/.test(slug) ? slug : `job-${slug}`.slice(0, MAX_ID - ID_RANDOM - 1).replace(/-+$/, '')}-${random}`;
}
