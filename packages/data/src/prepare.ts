/** Prepares data in a process of its own, so that a crash of the data engine is one clear error. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LockstepError } from '@lockstep/protocol/core';
import type { PreparedData } from './prepared-data.js';
import type { PrepareRequest } from './run-preparation.js';

/** What the process sends back. */
type Answer = { readonly prepared: PreparedData } | { readonly error: ReturnType<LockstepError['toJSON']> };

/** Characters of the process's last words that are kept for a message. */
const TAIL_CHARACTERS = 2000;

/** A preparation process that is started before its request is known, so that loading costs no time then. */
export interface Preparation {
  /** Prepares data, once. @throws LockstepError; DATA_PREPARATION_CRASHED when the process died */
  run(request: PrepareRequest, signal?: AbortSignal): Promise<PreparedData>;
  /** Ends the process if it has not been used. */
  dispose(): void;
}

/** Starts a preparation process. It ends with its answer, with this process, or when disposed of. */
export function startPreparation(): Preparation {
  const child = fork(entryPath(), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, killed) => resolve(killed ? `was killed by ${killed}` : `ended with exit code ${code}`));
  });
  return {
    dispose: () => void child.kill('SIGKILL'),
    run: async (request, signal) => {
      const answer = await Promise.race([answerOf(child, request, signal), ended]);
      if (typeof answer !== 'string') {
        if ('prepared' in answer) return answer.prepared;
        throw new LockstepError(answer.error.code, answer.error);
      }
      if (signal?.aborted) throw new LockstepError('JOB_CANCELLED', { field: 'data.path', value: request.fileName });
      throw new LockstepError('DATA_PREPARATION_CRASHED', {
        message: `The process that prepares the data ${answer}. ${tail.trim().split('\n').at(-1) ?? ''}`.trim(),
        field: 'data.path',
        value: request.fileName,
      });
    },
  };
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

/** The compiled entry; sources run from `src` beside `dist`, which only a build has. */
function entryPath(): string {
  const beside = fileURLToPath(new URL('./prepare-process.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/prepare-process.js', import.meta.url));
}

/** Prepares data. @throws LockstepError; DATA_PREPARATION_CRASHED when the process died */
export function prepareData(request: PrepareRequest & { readonly signal?: AbortSignal }): Promise<PreparedData> {
  const { signal, ...rest } = request;
  return startPreparation().run(rest, signal);
}
