/** Prepares data in a process of its own, so that a crash of the data engine is one clear error. */
import { type ChildProcess, fork } from 'node:child_process';
import { machineMemoryBytes } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import { processEntry } from './process-entry.js';

/** What the process sends back. */
type Answer = { readonly prepared: PreparedData } | { readonly error: ReturnType<LockstepError['toJSON']> };

/** How the process died without an answer. */
interface Death {
  readonly how: string;
  /** Nobody here killed it, so the kernel did, or it said itself that it has no memory left. */
  readonly lacksMemory: boolean;
}

/** Characters of the process's last words that are kept for a message. */
const TAIL_CHARACTERS = 2000;

/** A preparation process that is started before its request is known, so that loading costs no time then. */
export interface Preparation {
  /** Prepares data, once. @throws LockstepError; DATA_TOO_LARGE or DATA_PREPARATION_CRASHED when the process died */
  run(request: PrepareRequest, signal?: AbortSignal): Promise<PreparedData>;
  /** Ends the process if it has not been used. */
  dispose(): void;
}

/** Starts a preparation process. It ends with its answer, with this process, or when disposed of. */
export function startPreparation(): Preparation {
  const child = fork(processEntry('prepare-process'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS);
  });
  let isDisposed = false;
  const ended = new Promise<Death>((resolve) => {
    child.once('error', ({ message }) => resolve({ how: `could not be started: ${message}`, lacksMemory: false }));
    child.once('close', (code, killed) => {
      const how = killed ? `was killed by ${killed}` : `ended with exit code ${code}`;
      resolve({ how, lacksMemory: (killed === 'SIGKILL' && !isDisposed) || /out of memory/i.test(tail) });
    });
  });
  return {
    dispose: () => {
      isDisposed = true;
      child.kill('SIGKILL');
    },
    run: async (request, signal) => {
      const answer = await Promise.race([answerOf(child, request, signal), ended]);
      if ('prepared' in answer) return answer.prepared;
      if ('error' in answer) throw new LockstepError(answer.error.code, answer.error);
      if (signal?.aborted) throw new LockstepError('JOB_CANCELLED', { field: 'data.path', value: request.fileName });
      throw deathError(answer, request.fileName, tail.trim().split('\n').at(-1) ?? '');
    },
  };
}

function deathError({ how, lacksMemory }: Death, fileName: string, lastWords: string): LockstepError {
  const died = `The process that prepares the data ${how}`;
  const place = { field: 'data.path', value: fileName };
  if (!lacksMemory) {
    return new LockstepError('DATA_PREPARATION_CRASHED', { ...place, message: `${died}. ${lastWords}`.trim() });
  }
  const gibibytes = (machineMemoryBytes() / 2 ** 30).toFixed(1);
  return new LockstepError('DATA_TOO_LARGE', {
    ...place,
    message: `${died}, as happens when memory runs out: this machine has ${gibibytes} GiB for all of its processes.`,
    fix: 'Give the coordinator more memory, or keep fewer columns and rows.',
  });
}

/** Sends the request. The promise stays open where the process dies. */
function answerOf(child: ChildProcess, request: PrepareRequest, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const abort = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', abort, { once: true });
    child.once('message', (answer: Answer) => {
      signal?.removeEventListener('abort', abort);
      resolve(answer);
    });
    // A process that is gone already is reported by its end.
    child.send(request, () => {});
    if (signal?.aborted) abort();
  });
}

/** Prepares data. @throws LockstepError; DATA_PREPARATION_CRASHED when the process died */
export function prepareData(request: PrepareRequest & { readonly signal?: AbortSignal }): Promise<PreparedData> {
  const { signal, ...rest } = request;
  return startPreparation().run(rest, signal);
}
