/** Runs a small job to its end, with checkpoints that another one can go on from. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Job__Output, JobEvent__Output } from '@lockstep/protocol';
import { RunningCoordinator } from './running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './worker.js';

/** A checkpoint after every step, and all are kept. */
export const EVERY_STEP = {
  'run.checkpoints.everySeconds': '0',
  'run.checkpoints.keep': '1000',
  'split.validation': '0.2',
};

/** A job that has ended. */
export interface Run {
  readonly job: Job__Output;
  readonly events: readonly JobEvent__Output[];
  readonly folder: string;
}

/** Runs the job, with checkpoints in a folder that may hold some already. */
export async function run(
  prepare: (folder: string) => void = () => {},
  overrides: Record<string, string> = {},
  workers: readonly TestWorkerOptions[] = [{}],
): Promise<Run> {
  const running = await RunningCoordinator.start({ checkpoints: true });
  const folder = running.checkpointDirectory;
  prepare(folder);
  await Promise.all(workers.map((options, index) => TestWorker.join(running.address, `w${index}`, options)));
  const all = { ...EVERY_STEP, 'run.workers': String(workers.length), ...overrides };
  const { id } = await running.submit(undefined, { overrides: all });
  const job = await running.ended(id);
  return { job, events: await running.events(id), folder };
}

/** Notes of a job, as CODE: message. */
export const notes = ({ events }: Run): string[] =>
  events.flatMap(({ note }) => (note ? [`${note.code}: ${note.message}`] : []));

/** Puts one checkpoint of another run in the folder that is prepared. */
export function onlyCheckpoint(from: Run, file: string): (folder: string) => void {
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    cpSync(join(from.folder, file), join(folder, file));
  };
}
