/** Whether the vectors of a model fit into the memory of a machine. */
import { LockstepError } from '../errors/lockstep-error.js';

/** What a process holds of a model at least. */
export interface VectorMemory {
  /** The process, as a sentence begins with it. */
  readonly process: string;
  /** Elements of the flat vector. */
  readonly elementCount: number;
  /** Vectors that it holds at once, by what they are for. */
  readonly vectors: Readonly<Record<string, number>>;
  /** Memory that it shares with all others there. */
  readonly memoryBytes: number;
}

/** Refuses a model that cannot fit. @throws LockstepError LIMIT_EXCEEDED with both sums */
export function checkVectorMemory({ process, elementCount, vectors, memoryBytes }: VectorMemory): void {
  const count = Object.values(vectors).reduce((sum, each) => sum + each, 0);
  const bytes = count * elementCount * Float32Array.BYTES_PER_ELEMENT;
  if (bytes <= memoryBytes) return;
  const parts = Object.entries(vectors).map(([what, each]) => `${each} ${what}`);
  throw new LockstepError('LIMIT_EXCEEDED', {
    message: `${process} needs at least ${gibibytes(bytes)} for ${elementCount} parameters (${parts.join(' + ')} vectors); its machine has ${gibibytes(memoryBytes)}.`,
    field: 'model',
    value: `${elementCount} parameters`,
    fix: `Make layers narrower, or give it more memory: at most ${Math.floor(memoryBytes / count / Float32Array.BYTES_PER_ELEMENT)} parameters fit here.`,
  });
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
