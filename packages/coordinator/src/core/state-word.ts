/** States of jobs in words. */

/** "JOB_STATE_RUNNING" -> "running". */
export function stateWordOf(state: string): string {
  return state.replace('JOB_STATE_', '').toLowerCase();
}
