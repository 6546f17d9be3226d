/** Runs the updates of a job: on threads of their own where the model is large, else on this one, to the same bits. */
import { inTurns, machineCores } from '@lockstep/protocol';
import type { OptimizerSpec } from '@lockstep/spec';
import { type UpdateInput, type UpdateRule, update } from './core/update.js';
import type { Job } from './job.js';
import { MAX_UPDATE_THREADS, THREADS_FROM_ELEMENTS } from './limits.js';
import type { UpdateThreads } from './update-threads.js';

/** Runs updates, one after another. */
export interface Updater {
  /** Writes the next version; the process goes on answering meanwhile. @throws as `update` of core, and UPDATE_INTERRUPTED */
  update(input: UpdateInput): Promise<void>;
  close(): void;
}

/** Threads for a model: one for each core where it is large and there are several; 0 is this one. */
export function threadCount(elementCount: number, cores: number): number {
  return elementCount < THREADS_FROM_ELEMENTS || cores < 2 ? 0 : Math.min(cores, MAX_UPDATE_THREADS);
}

/** The updater of a job. */
export function createUpdater(job: Job, rule: UpdateRule): Updater {
  const count = threadCount(rule.layout.elementCount, machineCores());
  if (count === 0) return { update: (input) => inTurns(update(rule, input)), close: () => {} };
  const note = (why: string): void => {
    const message = `Updates are computed by one thread from here on, to the same bits: ${why}`;
    job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code: 'UPDATE_THREADS', message } });
  };
  return threadedUpdater(startThreads(rule, job.submission.spec.train.optimizer, count, note), rule);
}

/** Uses threads as long as all are there. @param starting null where this machine has none */
export function threadedUpdater(starting: Promise<UpdateThreads | null>, rule: UpdateRule): Updater {
  return {
    async update(input) {
      const threads = await starting;
      await (threads?.areWhole ? threads.update(input) : inTurns(update(rule, input)));
    },
    close: () => void starting.then((threads) => threads?.close()),
  };
}

async function startThreads(
  rule: UpdateRule,
  optimizer: OptimizerSpec,
  count: number,
  note: (why: string) => void,
): Promise<UpdateThreads | null> {
  try {
    // Loaded by the first job that is large: where there is no library for it, updates need none.
    const { UpdateThreads } = await import('./update-threads.js');
    return new UpdateThreads({ rule, optimizer, count, onEnded: (why) => note(`a thread has ended: ${why}`) });
  } catch (thrown) {
    note(`threads cannot be started: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return null;
  }
}
