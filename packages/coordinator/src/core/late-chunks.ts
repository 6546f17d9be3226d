/** Evaluation chunks that take too long: the rule of stragglers.ts, for commands of any number of chunks. Pure. */
import { isSame, type WorkerKey } from './lane-state.js';
import { hangAfterMs, medianOf, type Patience, stragglerAfterMs } from './patience.js';

/** Chunks that a worker was told to evaluate. */
export interface ChunkAssignment {
  readonly worker: WorkerKey;
  readonly chunks: readonly number[];
  readonly sinceMs: number;
  /** Chunks that this worker has answered, also where the answer came too late to count. */
  readonly returned: readonly number[];
  /** When the last of them was answered; null before. */
  readonly answeredMs: number | null;
}

/** What is known of time. */
export interface ChunkTimes {
  readonly patience: Patience;
  /** Milliseconds per chunk in the evaluation before; null in the first. */
  readonly earlierChunkMs: number | null;
  readonly nowMs: number;
}

/** What is to be done about late chunks. */
export interface LateChunks {
  /** Chunks that an idle worker gets as well. */
  readonly help: readonly { readonly worker: WorkerKey; readonly chunks: readonly number[] }[];
  /** Workers that owe chunks beyond all patience. */
  readonly hanging: readonly { readonly worker: WorkerKey; readonly forMs: number }[];
}

/** The assignments after a worker's answer. */
export function afterAnswer(
  assignments: readonly ChunkAssignment[],
  worker: WorkerKey,
  chunk: number,
  nowMs: number,
): ChunkAssignment[] {
  return assignments.map((each) => {
    if (!isSame(each.worker, worker) || each.answeredMs !== null || !each.chunks.includes(chunk)) return each;
    const returned = [...new Set([...each.returned, chunk])];
    return { ...each, returned, answeredMs: returned.length === each.chunks.length ? nowMs : null };
  });
}

/** Looks at what is under way. @param isMissing whether nobody has answered a chunk yet */
export function lateChunks(
  assignments: readonly ChunkAssignment[],
  workers: readonly WorkerKey[],
  isMissing: (chunk: number) => boolean,
  { patience, earlierChunkMs, nowMs }: ChunkTimes,
): LateChunks {
  const chunkMs = medianPerChunk(assignments) ?? earlierChunkMs;
  const open = assignments.filter(({ answeredMs }) => answeredMs === null);
  const idle = workers.filter((worker) => !open.some((assignment) => isSame(assignment.worker, worker)));
  const help: LateChunks['help'][number][] = [];
  const hanging: LateChunks['hanging'][number][] = [];
  for (const assignment of open) {
    const forMs = nowMs - assignment.sinceMs;
    const usualMs = chunkMs === null ? null : chunkMs * assignment.chunks.length;
    if (forMs >= hangAfterMs(usualMs, patience)) hanging.push({ worker: assignment.worker, forMs });
    const chunks = assignment.chunks.filter((chunk) => isMissing(chunk) && !isHelped(open, assignment, chunk));
    if (chunks.length === 0 || forMs < stragglerAfterMs(usualMs, patience)) continue;
    const worker = idle.shift();
    if (worker) help.push({ worker, chunks });
  }
  return { help, hanging };
}

/** Median of the milliseconds per chunk; null before any answer. */
export function medianPerChunk(assignments: readonly ChunkAssignment[]): number | null {
  const took = assignments.flatMap(({ chunks, sinceMs, answeredMs }) =>
    answeredMs === null ? [] : [(answeredMs - sinceMs) / chunks.length],
  );
  return medianOf(took);
}

function isHelped(open: readonly ChunkAssignment[], assignment: ChunkAssignment, chunk: number): boolean {
  return open.some((other) => other !== assignment && other.chunks.includes(chunk));
}
