/** What a command did to a job. */
import type { Job__Output } from '@lockstep/client';
import { stateWord } from './progress.js';

/** A job before and after a command. */
export interface JobChange {
  readonly before: Job__Output;
  readonly after: Job__Output;
}

/** The object of `--json`. */
export function changeJson({ before, after }: JobChange): Record<string, string> {
  const { id: job, state, reason } = after;
  return { job, state: stateWord(state), reason, before: stateWord(before.state) };
}

/** Where the command found the job ended. */
export function endedText({ after }: JobChange): string {
  return `${after.id} had ended already: ${stateWord(after.state)}, ${after.reason}`;
}

/** Writes what happened on standard output. */
export function writeChange(change: JobChange, text: string, isJson: boolean): void {
  process.stdout.write(isJson ? `${JSON.stringify(changeJson(change))}\n` : `${text}\n`);
}
