/** The seam between the index of records and the key-value bucket that holds it. */

/** One value of a bucket. */
export interface BucketValue {
  /** '' where the key was removed. */
  readonly text: string;
  /** Position of its write among all writes of the bucket. */
  readonly revision: number;
}

/** What a bucket says of itself. */
export interface BucketState {
  /** When it was made; another time means another bucket of the same name. */
  readonly created: string;
  /** Revision of its newest write. */
  readonly lastRevision: number;
}

/** A bucket with compare-and-set. Whatever a call throws may have taken effect all the same. */
export interface RecordBucket {
  /** Makes it where it is not there. */
  make(): Promise<void>;
  /** Null where there is no such bucket. */
  state(): Promise<BucketState | null>;
  /** Null where the key was never written. */
  get(key: string): Promise<BucketValue | null>;
  /** Every key with its value. */
  list(): Promise<ReadonlyMap<string, BucketValue>>;
  /** Writes where the key still is at `lastRevision`, 0 for one never written. @returns the revision of this write */
  put(key: string, text: string, lastRevision: number): Promise<number>;
  /** Takes away what was written to a key, whoever wrote it; one that is not there stays so. */
  remove(key: string): Promise<void>;
}
