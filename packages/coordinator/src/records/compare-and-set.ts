/** One write by compare-and-set whose outcome is known, also where the answer was lost. */
import type { BucketValue, RecordBucket } from './bucket.js';

/** What came of a write. */
export type WriteOutcome =
  | { readonly isOurs: true; readonly revision: number }
  /** Another value stands there; null where the key is gone. */
  | { readonly isOurs: false; readonly found: BucketValue | null };

/**
 * Writes a value that no other writer would write: it names its owner. A failed call is no failed write, so the key is
 * read again.
 * @throws what the bucket threw, when the value is not there (yet) or nobody can tell: try again with the same text
 */
export async function compareAndSet(
  bucket: RecordBucket,
  key: string,
  text: string,
  lastRevision: number,
): Promise<WriteOutcome> {
  try {
    return { isOurs: true, revision: await bucket.put(key, text, lastRevision) };
  } catch (thrown) {
    const found = await bucket.get(key);
    if (found?.text === text) return { isOurs: true, revision: found.revision };
    if ((found?.revision ?? 0) === lastRevision) throw thrown;
    return { isOurs: false, found };
  }
}
