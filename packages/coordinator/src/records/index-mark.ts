/** What the store remembers of its index, so that a bucket that went back in time is noticed. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { diskError } from '@lockstep/data';
import { z } from 'zod';
import { writeAtomic } from '../adapters/atomic-file.js';

const schema = z.strictObject({
  format: z.literal(1),
  /** Name of the bucket: one store, one bucket. */
  bucket: z.string().regex(/^lockstep-[0-9a-f]{16}$/),
  /** When the bucket was made; '' before it was. */
  created: z.string(),
  /** Newest revision that NATS has acknowledged. */
  revision: z.int().min(0),
  /** Newest epoch that NATS has acknowledged. */
  epoch: z.int().min(0),
});

/** What was acknowledged so far. */
export type IndexMark = z.infer<typeof schema>;

/** Reads the mark; a new one, with a bucket of its own, where there is none. @throws LockstepError OUTPUT_UNWRITABLE */
export async function readMark(path: string): Promise<IndexMark> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw diskError(path, cause);
  });
  if (text === null) {
    const mark: IndexMark = { format: 1, bucket: newBucketName(), created: '', revision: 0, epoch: 0 };
    await saveMark(path, mark);
    return mark;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw diskError(path, cause);
  }
}

/** Keeps the mark. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
export function saveMark(path: string, mark: IndexMark): Promise<void> {
  return writeAtomic(path, [`${JSON.stringify(mark)}\n`]);
}

function newBucketName(): string {
  return `lockstep-${randomBytes(8).toString('hex')}`;
}
