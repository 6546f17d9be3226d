/** Says in numbers what a job waits for. */

/** What a waiting job sees. */
export interface Wait {
  /** Jobs that wait before it. */
  readonly before: number;
  /** Workers that it needs to begin. */
  readonly needs: number;
  readonly free: number;
  readonly total: number;
  readonly running: readonly { readonly id: string; readonly state: string; readonly holds: number }[];
}

/** Jobs that are named. */
const MAX_NAMED = 3;

/** "needs 2 workers, 1 free of 4; small-x is running and holds 3". */
export function explainWait({ before, needs, free, total, running }: Wait): string {
  const named = running.slice(0, MAX_NAMED).map(({ id, state, holds }) => `; ${id} is ${state} and holds ${holds}`);
  const more = running.length > MAX_NAMED ? `; ${running.length - MAX_NAMED} more jobs run` : '';
  const turn = before === 0 ? '' : `${before} ${before === 1 ? 'job is' : 'jobs are'} before it; `;
  const workers = `needs ${needs} ${needs === 1 ? 'worker' : 'workers'}, ${free} free of ${total}`;
  return `${turn}${workers}${named.join('')}${more}`;
}
