/** What workers say that they are at. */
import type { Activity__Output } from '@lockstep/protocol';
import { QUIET_MS } from './limits.js';

/** What a worker was at as of its newest heartbeat. */
export interface ToldActivity {
  readonly jobId: string;
  readonly phase: string;
  /** When the phase began, by the clock of this process. */
  readonly sinceMs: number;
}

/** Phases of Activity in membership.proto. */
const PHASES: ReadonlySet<string> = new Set(['parameters', 'rows', 'compute', 'send', 'evaluate']);

/** What a heartbeat says; words that are not known here are "unknown". */
export function toldActivity(activity: Activity__Output | null, nowMs: number): ToldActivity | null {
  if (!activity) return null;
  const { jobId, phase, phaseMs } = activity;
  return { jobId, phase: PHASES.has(phase) ? phase : 'unknown', sinceMs: nowMs - phaseMs };
}

/** What a worker is at for a job, as far as it is known: "silent" where its heartbeats are missing, '' where it has nothing to do. */
export function phaseOf(
  { spokeMs, told }: { readonly spokeMs: number; readonly told: ToldActivity | null },
  jobId: string,
  nowMs: number,
): { readonly phase: string; readonly ageMs: number } {
  if (nowMs - spokeMs > QUIET_MS) return { phase: 'silent', ageMs: nowMs - spokeMs };
  return told?.jobId === jobId ? { phase: told.phase, ageMs: nowMs - told.sinceMs } : { phase: '', ageMs: 0 };
}
