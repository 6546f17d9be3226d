/** Bounds of what the command line takes. */

/** Faults of one `chaos` at most: each needs a step of its own, and seconds to be got over. */
export const MAX_FAULTS = 1000;
/** Workers of one `up` at most, as of `run.workers`. */
export const MAX_WORKERS = 1024;
/** Jobs that are listed, and seeds, at most. */
export const MAX_COUNT = 999_999;
/** What a namespace may be due of the workers, relative to others, at most. */
export const MAX_WEIGHT = 1000;
/** Highest `run.priority` of a spec. */
export const MAX_PRIORITY = 1000;
/** Bytes of a spec that are read at most; its parser takes fewer. */
export const MAX_SPEC_BYTES = 4 * 2 ** 20;

/** The first answer of a provider or an engine takes some seconds, also on a GPU in software; a driver that hangs gives none. */
export const TRIAL_MS = 130_000;
