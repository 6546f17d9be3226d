/** The state of a job or worker as a sign and a word: neither colour nor sign says it alone. */
import { stateWord } from '../core/format.js';

/** Strokes in a box of 16. */
const SIGNS: Readonly<Record<string, string>> = {
  pending: 'M8 4.5V8l2.5 1.5M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z',
  preparing: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5M2.5 8h3M2.5 8V5',
  running: 'M5 3l7.5 5L5 13z',
  finishing: 'M4 14V2.5h8l-2 3 2 3H4',
  succeeded: 'M2.5 8.5l3.5 4 7.5-9',
  failed: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  cancelled: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM4 12l8-8',
  suspended: 'M5.5 3v10M10.5 3v10',
  free: 'M8 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z',
  busy: 'M5 3l7.5 5L5 13z',
  silent: 'M8 2.5v7M8 12.4v1.1',
};

/** The sign and the word. @param state "JOB_STATE_RUNNING", or a worker's "busy" */
export function StateMark({ state }: { readonly state: string }) {
  const word = stateWord(state);
  return (
    <span class={`state ${word}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SIGNS[word] ?? SIGNS.free} />
      </svg>
      {word}
    </span>
  );
}
