/** Small pieces of native memory and status checks that every call of the C API needs. */
import koffi from 'koffi';
import type { OrtLibrary } from './library.js';

/** Makes the error of a failed call from the library's own text. */
export type Fail = (message: string) => Error;

/** Native memory of 8-byte words, readable and writable in place. */
export class NativeWords {
  readonly address: bigint;
  readonly words: BigUint64Array;

  constructor(count: number) {
    this.address = koffi.alloc('uint64_t', Math.max(1, count)) as bigint;
    this.words = new BigUint64Array(koffi.view(this.address, Math.max(1, count) * 8) as ArrayBuffer);
  }

  /** Frees the memory; neither address nor words may be used after. */
  free(): void {
    koffi.free(this.address);
  }
}

const SCRATCH_WORDS = 16;

/** The library with checked calls, one scratch word for results and a few for short lists. */
export class Native {
  readonly library: OrtLibrary;
  readonly #out = new NativeWords(1);
  readonly #scratch = new NativeWords(SCRATCH_WORDS);

  constructor(library: OrtLibrary) {
    this.library = library;
  }

  /** Throws `fail(message)` unless a status is success; releases the status. */
  check(status: unknown, fail: Fail): void {
    if (status === null || status === 0n || status === undefined) return;
    const message = String(this.library.api.getErrorMessage(status));
    this.library.api.releaseStatus(status);
    throw fail(message);
  }

  /** Calls a function whose last argument receives one word. */
  result(call: (out: bigint) => unknown, fail: Fail): bigint {
    this.#out.words[0] = 0n;
    this.check(call(this.#out.address), fail);
    return this.#out.words[0];
  }

  /** Calls `use` with the address of up to 16 words, which the next call overwrites. */
  withWords<Result>(values: readonly bigint[], use: (address: bigint, words: BigUint64Array) => Result): Result {
    if (values.length > SCRATCH_WORDS) throw new Error(`${values.length} words are more than ${SCRATCH_WORDS}.`);
    this.#scratch.words.set(values);
    return use(this.#scratch.address, this.#scratch.words);
  }
}

/** A C string at an address. */
export function readCString(address: bigint): string {
  return koffi.decode(address, 'char', -1) as string;
}

/** Calls a function on another thread. */
export function callAsync(target: { async(...args: unknown[]): void }, args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    target.async(...args, (error: unknown, status: unknown) => (error ? reject(error) : resolve(status)));
  });
}
