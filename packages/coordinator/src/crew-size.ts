/** How many workers a job takes and waits for, with the words for it. */
import type { RunSpec } from '@lockstep/spec';

/** Numbers of workers of one job. */
export interface CrewSize {
  /** Workers taken at most: never more than lanes. */
  readonly size: number;
  /** Workers that are waited for before the start, for a while. */
  readonly wanted: number;
  /** Workers without which nothing is computed. */
  readonly least: number;
}

/** How many workers are ready, in words. */
export function readyText(ready: number, wanted: number, least: number): string {
  if (least > 1 && ready < least) return `waiting for workers: ${ready} of at least ${least}`;
  return `${ready} of ${wanted} workers are ready`;
}

/** Workers that a job uses, with what to say where more were asked for than it takes. */
export function crewSize(
  { workers, minWorkers, maxWorkers = workers }: Pick<RunSpec, 'workers' | 'minWorkers' | 'maxWorkers'>,
  lanes: number,
): CrewSize & { readonly note: string } {
  const size = Math.min(maxWorkers, lanes);
  const crew = { size, wanted: Math.min(workers, size), least: Math.min(minWorkers, size) };
  if (workers <= size) return { ...crew, note: '' };
  const spares = `${workers - size} stand by as spares`;
  if (maxWorkers < lanes) return { ...crew, note: `${workers} workers, run.maxWorkers: ${maxWorkers}: ${spares}.` };
  return {
    ...crew,
    note: `${workers} workers for ${lanes} lanes: ${spares}. train.lanes: ${workers} would use them; that is another, equally exact model.`,
  };
}
