/** States of a job. A terminal state never changes. */
import type { LockstepError } from '@lockstep/protocol/core';

/** State of a job with the reason in words. */
export type JobPhase =
  | { readonly state: 'pending'; readonly reason: string }
  | { readonly state: 'suspended'; readonly reason: string }
  | { readonly state: 'preparing'; readonly reason: string }
  | { readonly state: 'running'; readonly reason: string }
  | { readonly state: 'finishing'; readonly reason: string }
  | { readonly state: 'succeeded'; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string; readonly error: LockstepError }
  | { readonly state: 'cancelled'; readonly reason: string };

/** Every state, in the order of a job's life. */
export const JOB_STATES = [
  'pending',
  'suspended',
  'preparing',
  'running',
  'finishing',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly JobPhase['state'][];

/** What happens to a job. */
export type JobMachineEvent =
  | { readonly type: 'waiting'; readonly why: string }
  | { readonly type: 'suspended'; readonly why: string }
  | { readonly type: 'preparing'; readonly what: string }
  | { readonly type: 'running'; readonly what: string }
  | { readonly type: 'finishing'; readonly what: string }
  | { readonly type: 'succeeded'; readonly what: string }
  | { readonly type: 'failed'; readonly error: LockstepError }
  | { readonly type: 'cancelled'; readonly why: string };

/** Whether a state is final. */
export function isTerminal({ state }: JobPhase): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** The phase after an event; the very same object where nothing changes. */
export function nextPhase(phase: JobPhase, event: JobMachineEvent): JobPhase {
  if (isTerminal(phase)) return phase;
  switch (event.type) {
    case 'waiting':
      return { state: 'pending', reason: event.why };
    case 'suspended':
      return { state: 'suspended', reason: event.why };
    case 'preparing':
    case 'running':
    case 'finishing':
    case 'succeeded':
      return { state: event.type, reason: event.what };
    case 'failed':
      return { state: 'failed', reason: event.error.message, error: event.error };
    case 'cancelled':
      return { state: 'cancelled', reason: event.why };
  }
}
