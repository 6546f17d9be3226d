/** Finds what a job goes on from, and begins its checkpoints. */
import type { PreparedData } from '@lockstep/data';
import { LockstepError, SAMPLER_V1 } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { type Checkpoint, type Difference, differences, type JobWork } from './checkpoint/checkpoint.js';
import { Checkpointer } from './checkpoint/checkpointer.js';
import type { Job } from './job.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { CheckpointStore, Clock } from './ports.js';

/** Differences that one message names. */
const MAX_NAMED = 5;
/** Longest text of a value in a message. */
const MAX_SHOWN_CHARACTERS = 80;

/** What a job computes, as a checkpoint keeps it. */
export function jobWork(
  spec: ResolvedJobSpec,
  data: PreparedData,
  { numericClass, rebasedAt }: Pick<JobWork, 'numericClass' | 'rebasedAt'>,
): JobWork {
  const { split, preprocess, model, train } = spec;
  const { path: _path, ...reading } = spec.data;
  // As JSON keeps it, so that what comes back is equal.
  const kept = JSON.parse(JSON.stringify({ data: reading, split, preprocess, model, train })) as JobWork['spec'];
  return { spec: kept, dataFingerprint: data.fingerprint, numericClass, rebasedAt, sampler: SAMPLER_V1 };
}

/**
 * The newest checkpoint of a job, null where there is none.
 * @throws LockstepError CHECKPOINT_MISMATCH naming what differs, CHECKPOINT_DAMAGED
 */
export async function findCheckpoint(job: Job, store: CheckpointStore, data: PreparedData): Promise<Checkpoint | null> {
  const warn = (code: string, message: string): void =>
    job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message } });
  const found = await store.newest((path, why) => warn('CHECKPOINT_SKIPPED', `${path} is passed over: ${why}.`));
  job.finishedSteps = found?.step ?? 0;
  if (!found) return null;
  const own = jobWork(job.submission.spec, data, found.work);
  const changed = differences(found.work.spec, own.spec);
  const isSame = changed.length === 0 && found.work.dataFingerprint === own.dataFingerprint;
  if (!isSame) throw mismatch(found.step, changed);
  job.emit({ rewound: { toStep: found.step } });
  const message = `goes on from the checkpoint of step ${found.step}`;
  job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'RESUMED', message } });
  return found;
}

/** @param changed empty where only the data is another */
function mismatch(step: number, changed: readonly Difference[]): LockstepError {
  const [first, ...others] = changed;
  const named = others.slice(0, MAX_NAMED).map(({ path }) => path);
  if (others.length > MAX_NAMED) named.push(`${others.length - MAX_NAMED} more`);
  const what = first ? `${first.path}: ${shortText(first.left)}, now ${shortText(first.right)}` : 'other data';
  const rest = named.length > 0 ? `; also another value: ${named.join(', ')}` : '';
  return new LockstepError('CHECKPOINT_MISMATCH', {
    message: `The checkpoint of step ${step} was made with ${what}${rest}.`,
    field: first?.path ?? 'data.path',
    value: first ? shortText(first.right) : '',
  });
}

/** What a value of a spec looks like in a message. */
function shortText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
}

/** What writes a job's checkpoints from now on. */
export function createCheckpointer(
  job: Job,
  ports: { readonly store: CheckpointStore; readonly clock: Clock; readonly metrics: CoordinatorMetrics },
  stepsPerEpoch: number,
  resumed: Checkpoint | null,
): Checkpointer {
  const { everySeconds, keep } = job.submission.spec.run.checkpoints;
  const { store, clock, metrics } = ports;
  metrics.checkpointSaved();
  const onSaved = (): void => metrics.checkpointSaved();
  const onFailed = (step: number, error: LockstepError): void => {
    const message = `The checkpoint of step ${step} could not be written; training goes on. ${error.message}`;
    job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: error.code, message } });
  };
  const timed: CheckpointStore = {
    save: (checkpoint) => job.timed('checkpoint', { 'lockstep.step': checkpoint.step }, () => store.save(checkpoint)),
    newest: (onDamaged) => store.newest(onDamaged),
    keep: (steps) => store.keep(steps),
  };
  return new Checkpointer({ store: timed, clock, stepsPerEpoch, everySeconds, keep, onSaved, onFailed }, resumed);
}
