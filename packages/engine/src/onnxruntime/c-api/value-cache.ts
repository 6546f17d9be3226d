/** Native values over memory that comes again, so that a run with the same buffers makes none. */
import type { EngineTensor } from '../../engine.js';
import { MAX_VALUES_PER_SLOT } from '../../limits.js';
import { addressedMemory } from '../../tensors/addressed-memory.js';
import type { NumericData } from '../../tensors/element-types.js';
import { createNumericValue, type ValueContext } from './values.js';

/** A value and what it was made of. The buffer is only watched: the cache keeps no memory of its callers alive. */
interface CachedValue {
  readonly value: bigint;
  readonly buffer: WeakRef<ArrayBufferLike>;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly shape: readonly number[];
}

/** The values of one input or output of a session, newest first. */
export class ValueSlot {
  readonly #context: ValueContext;
  readonly #name: string;
  readonly #entries: CachedValue[] = [];

  constructor(context: ValueContext, name: string) {
    this.#context = context;
    this.#name = name;
  }

  /**
   * The value over a tensor's own memory, which must start on the 64-byte boundary and outlive the run.
   * @returns null where it does not start there
   */
  take(tensor: EngineTensor): bigint | null {
    const data = tensor.data as NumericData;
    const index = this.#entries.findIndex((entry) => matches(entry, data, tensor.shape));
    if (index >= 0) {
      const entry = this.#entries[index] as CachedValue;
      if (index > 0) this.#entries.unshift(...this.#entries.splice(index, 1));
      return entry.value;
    }
    if (!addressedMemory.isAligned(data)) return null;
    const value = createNumericValue(this.#context, this.#name, tensor, data);
    const { buffer, byteOffset, byteLength } = data;
    this.#entries.unshift({ value, buffer: new WeakRef(buffer), byteOffset, byteLength, shape: [...tensor.shape] });
    if (this.#entries.length > MAX_VALUES_PER_SLOT) this.#free(this.#entries.pop() as CachedValue);
    return value;
  }

  /** Frees every value. */
  release(): void {
    for (const entry of this.#entries.splice(0)) this.#free(entry);
  }

  #free({ value }: CachedValue): void {
    this.#context.native.library.api.releaseValue(value);
  }
}

function matches(entry: CachedValue, data: NumericData, shape: readonly number[]): boolean {
  return (
    entry.byteOffset === data.byteOffset &&
    entry.byteLength === data.byteLength &&
    entry.shape.length === shape.length &&
    entry.shape.every((size, axis) => size === shape[axis]) &&
    entry.buffer.deref() === data.buffer
  );
}
