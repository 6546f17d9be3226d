/** Which ended jobs are kept, and which go: by age and number, each namespace for itself. */

/** What is kept of the ended jobs of a namespace. */
export interface Retention {
  /** Seconds since the end of a job. */
  readonly keepSeconds: number;
  /** Jobs, the newest. */
  readonly keepJobs: number;
}

/** A job that has ended. */
export interface EndedJob {
  readonly id: string;
  readonly namespace: string;
  readonly endedUnixSeconds: number;
}

/** Why a job is deleted: its age, the number of its namespace, the room that another one needs, or a client. */
export const DELETION_REASONS = ['age', 'number', 'room', 'request'] as const;
export type DeletionReason = (typeof DELETION_REASONS)[number];

/** A job that is to be deleted. */
export interface Deletion {
  readonly id: string;
  readonly why: DeletionReason;
}

/**
 * Jobs that are kept no longer, those that ended first before others.
 * @param graceSeconds after its end a job stays whatever their number, so that its client can take its model
 */
export function outdated(
  jobs: readonly EndedJob[],
  retentionOf: (namespace: string) => Retention,
  nowUnixSeconds: number,
  graceSeconds: number,
): readonly Deletion[] {
  const found: Deletion[] = [];
  const newer = new Map<string, number>();
  for (const { id, namespace, endedUnixSeconds } of newestFirst(jobs)) {
    const { keepSeconds, keepJobs } = retentionOf(namespace);
    const age = nowUnixSeconds - endedUnixSeconds;
    const before = newer.get(namespace) ?? 0;
    newer.set(namespace, before + 1);
    if (age <= graceSeconds) continue;
    if (age > keepSeconds) found.push({ id, why: 'age' });
    else if (before >= keepJobs) found.push({ id, why: 'number' });
  }
  return found.reverse();
}

/** What makes room where no more jobs can be held. */
export interface Room {
  /** Of the job that needs it. */
  readonly namespace: string;
  /** Whether a job may go now. */
  readonly mayGo: (jobId: string) => boolean;
  readonly nowUnixSeconds: number;
  /** Seconds that a job stays after its end. */
  readonly graceSeconds: number;
}

/**
 * The job that makes room where no more can be held: of the namespace with the most ended ones, the one that ended
 * first; where none of those may go, of the next one. A namespace loses none to one that has fewer.
 * @returns null where none may go
 */
export function leastMissed(
  jobs: readonly EndedJob[],
  { namespace: asking, mayGo, nowUnixSeconds, graceSeconds }: Room,
): string | null {
  const counts = new Map<string, number>();
  for (const { namespace } of jobs) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const countOf = (namespace: string): number => counts.get(namespace) ?? 0;
  const old = jobs.filter(
    ({ id, namespace, endedUnixSeconds }) =>
      nowUnixSeconds - endedUnixSeconds > graceSeconds && countOf(namespace) >= countOf(asking) && mayGo(id),
  );
  const most = Math.max(0, ...new Set(old.map(({ namespace }) => countOf(namespace))));
  const largest = old.filter(({ namespace }) => countOf(namespace) === most);
  return newestFirst(largest).at(-1)?.id ?? null;
}

function newestFirst(jobs: readonly EndedJob[]): readonly EndedJob[] {
  return jobs.toSorted((one, other) => other.endedUnixSeconds - one.endedUnixSeconds || (one.id < other.id ? 1 : -1));
}
