/** Begins a leadership in the store and in its index: an epoch above every one that either has seen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { INDEX_RETRY_MS, MAX_INDEX_TRIES } from '../limits.js';
import type { BucketState, RecordBucket } from './bucket.js';
import { compareAndSet } from './compare-and-set.js';
import { type IndexOwner, LEADER, leaderText, ownerOf } from './index-entry.js';
import type { IndexMark } from './index-mark.js';

/** A leadership that the index has acknowledged. */
export interface Leadership {
  readonly owner: IndexOwner;
  /** Revision of the leader's key. */
  readonly revision: number;
  /** What is wrong with the bucket, in words; null where it is what the store remembers. */
  readonly damage: string | null;
}

/** How a bucket differs from what the store remembers of it, in words; null where it does not. */
export function damageOf(state: BucketState | null, { created, revision }: IndexMark): string | null {
  if (created === '') return null;
  if (!state) return 'was deleted';
  if (state.created !== created) return 'was deleted and made again';
  if (state.lastRevision < revision) {
    return `was put back to revision ${state.lastRevision}, after revision ${revision} was acknowledged`;
  }
  return null;
}

/**
 * @param begin begins a leadership of the store above an epoch, and gives its epoch
 * @throws LockstepError NATS_UNREACHABLE when it cannot be known whether this coordinator leads
 */
export async function beginLeadership(
  bucket: RecordBucket,
  mark: IndexMark,
  nonce: string,
  begin: (above: number) => Promise<number>,
): Promise<Leadership> {
  let damage: string | null = null;
  let owner: IndexOwner | null = null;
  for (let attempt = 1; ; attempt++) {
    try {
      damage ??= damageOf(await bucket.state(), mark);
      await bucket.make();
      const known = await bucket.get(LEADER);
      const epoch = (known && ownerOf(known.text)?.epoch) ?? 0;
      // What an earlier try wrote may have arrived late.
      if (known && owner && known.text === leaderText(owner)) return { owner, revision: known.revision, damage };
      if (epoch < mark.epoch) damage ??= `knows of epoch ${epoch}, after epoch ${mark.epoch} was acknowledged`;
      owner = { nonce, epoch: await begin(epoch) };
      const outcome = await compareAndSet(bucket, LEADER, leaderText(owner), known?.revision ?? 0);
      if (outcome.isOurs) return { owner, revision: outcome.revision, damage };
      if (attempt === MAX_INDEX_TRIES) throw new Error('another coordinator begins again and again');
    } catch (cause) {
      if (cause instanceof LockstepError) throw cause;
      if (attempt === MAX_INDEX_TRIES) {
        const why = cause instanceof Error ? cause.message : String(cause);
        const message = `The index of jobs in NATS cannot be taken over: ${why}`;
        throw new LockstepError('NATS_UNREACHABLE', { message, field: 'nats', value: mark.bucket, cause });
      }
      await sleep(INDEX_RETRY_MS);
    }
  }
}
