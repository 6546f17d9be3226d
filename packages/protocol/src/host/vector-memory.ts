/** How shared memory is cut: a challenge, the number of the version in each vector, and vectors on 64-byte boundaries. */

/** Bytes before the first vector: a page. */
const HEAD_BYTES = 4096;
/** Characters of a challenge, in ASCII. */
const CHALLENGE_CHARACTERS = 32;
/** Where the first version's number stands; one uint64 for each vector. */
const MARKS_AT = 64;
/** Vectors of one piece of memory at most. */
const MAX_VECTORS = (HEAD_BYTES - MARKS_AT) / BigUint64Array.BYTES_PER_ELEMENT;
/** Vectors of the parameters: version v is in number v mod 2. */
export const PARAMETER_VECTORS = 2;

/** Bytes of shared memory for so many vectors. @throws RangeError above 504 vectors */
export function vectorMemoryBytes(elementCount: number, vectorCount: number): number {
  if (vectorCount > MAX_VECTORS) throw new RangeError(`${vectorCount} vectors are more than ${MAX_VECTORS}`);
  return HEAD_BYTES + elementCount * Float32Array.BYTES_PER_ELEMENT * vectorCount;
}

/** Vectors in shared memory. */
export class VectorMemory {
  readonly vectors: readonly Float32Array[];
  readonly #head: Uint8Array;
  readonly #marks: BigUint64Array;

  /** @param elementCount length of a vector, a multiple of 16 */
  constructor(bytes: ArrayBuffer, elementCount: number, vectorCount: number) {
    const stride = elementCount * Float32Array.BYTES_PER_ELEMENT;
    this.#head = new Uint8Array(bytes, 0, CHALLENGE_CHARACTERS);
    this.#marks = new BigUint64Array(bytes, MARKS_AT, vectorCount);
    this.vectors = Array.from(
      { length: vectorCount },
      (_, index) => new Float32Array(bytes, HEAD_BYTES + index * stride, elementCount),
    );
  }

  /** What whoever maps this memory can read and nobody else. */
  get challenge(): string {
    return Buffer.from(this.#head).toString('latin1');
  }

  /** @param challenge 32 characters of ASCII */
  set challenge(challenge: string) {
    this.#head.set(Buffer.from(challenge, 'latin1'));
  }

  /** Whether a vector holds a version as a whole. */
  holds(vector: number, version: number): boolean {
    return Atomics.load(this.#marks, vector) === BigInt(version) + 1n;
  }

  /** Says which version a vector holds; null while it is written. */
  mark(vector: number, version: number | null): void {
    Atomics.store(this.#marks, vector, version === null ? 0n : BigInt(version) + 1n);
  }
}
