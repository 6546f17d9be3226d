/** What jobs want, and what workers there are. */

/** What a worker is to jobs. */
export interface Hand {
  /** The workers of one job are of one class. */
  readonly numericClass: string;
}

/** A job that has not ended. */
export interface Demand<W extends Hand> {
  readonly id: string;
  readonly namespace: string;
  readonly hasBegun: boolean;
  /** Of a higher one first. */
  readonly priority: number;
  /** Workers without which it computes nothing. */
  readonly least: number;
  /** Workers that it asks for. */
  readonly wanted: number;
  /** Workers that it takes at most. */
  readonly size: number;
  readonly holds: ReadonlySet<W>;
  /** Workers were kept for it once: it comes before its equals until it holds enough. */
  readonly hasKept: boolean;
  /** Jobs of one kind that have not begun fit the same workers. */
  readonly kind: string;
  /** Whether it could compute on a worker. */
  readonly fits: (worker: W) => boolean;
}

/** Connected workers. */
export interface Hands<W extends Hand> {
  readonly all: readonly W[];
  /** Those that no job holds. */
  readonly free: readonly W[];
}
