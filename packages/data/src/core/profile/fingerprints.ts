/** Hashes of cells and rows, and what they count without keeping them: different values, and rows that come twice. */

const PRIME = 0x01000193;
const OFFSET_LOW = 0x811c9dc5;
const OFFSET_HIGH = 0x9e3779b9;
const MISSING_MARK = 0x1f;

/** A 64-bit hash in two words. */
export interface Hash {
  low: number;
  high: number;
}

/** A hash to begin with. */
export function startHash(hash: Hash): void {
  hash.low = OFFSET_LOW;
  hash.high = OFFSET_HIGH;
}

/** Adds a cell to a hash: FNV-1a over its characters in two lanes, and a mark at its end. */
export function addCell(hash: Hash, cell: string | null): void {
  let { low, high } = hash;
  for (let index = 0; index < (cell?.length ?? 0); index++) {
    const code = cell!.charCodeAt(index);
    low = Math.imul(low ^ code, PRIME);
    high = Math.imul(high ^ (code + index), PRIME) ^ (high >>> 15);
  }
  const mark = cell === null ? MISSING_MARK : 0;
  hash.low = mixed(low ^ mark);
  hash.high = mixed(high + mark + Math.imul(low, 3));
}

/** Spreads the bits of a word (the finaliser of MurmurHash3). */
function mixed(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Registers of a {@link DistinctCounter}: 2^12, for a standard error of 1.6 %. */
const REGISTER_BITS = 12;

/** Estimates the number of different values (HyperLogLog, Flajolet et al. 2007) in 4 KiB. */
export class DistinctCounter {
  readonly #registers = new Uint8Array(2 ** REGISTER_BITS);

  /** Takes the hash of a value. */
  add({ low, high }: Hash): void {
    const register = low >>> (32 - REGISTER_BITS);
    const rank = Math.clz32(high | 1) + 1;
    if (rank > this.#registers[register]!) this.#registers[register] = rank;
  }

  /** About how many different values there were. */
  estimate(): number {
    const size = this.#registers.length;
    let sum = 0;
    let empty = 0;
    for (const register of this.#registers) {
      sum += 2 ** -register;
      if (register === 0) empty++;
    }
    const raw = ((0.7213 / (1 + 1.079 / size)) * size * size) / sum;
    // Linear counting where many registers are empty.
    return Math.round(raw <= 2.5 * size && empty > 0 ? size * Math.log(size / empty) : raw);
  }
}

/** Counts rows that were met before, by hash; exact up to a limit of rows, then from an even share of the hashes. */
export class RepeatCounter {
  readonly #limit: number;
  #slots = new Uint32Array(2 * 1024);
  #used = 0;
  #repeats = 0;
  /** Hashes are kept whose lowest bits are 0: this many. */
  #skippedBits = 0;

  /** @param limit hashes kept at most: 16 bytes each */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes the hash of a row. */
  add({ low, high }: Hash): void {
    if (!this.#isKept(low)) return;
    if (!this.#insert(low, high || 1)) {
      this.#repeats++;
      return;
    }
    if (this.#used > this.#limit) this.#halve();
    else if (this.#used * 4 > this.#slots.length) this.#rehash(this.#slots.length * 2);
  }

  /** Rows that repeat an earlier one. */
  count(): { readonly rows: number; readonly isExact: boolean } {
    return { rows: this.#repeats * 2 ** this.#skippedBits, isExact: this.#skippedBits === 0 };
  }

  #isKept(low: number): boolean {
    return (low & (2 ** this.#skippedBits - 1)) === 0;
  }

  /** Whether it was new. */
  #insert(low: number, high: number): boolean {
    const mask = this.#slots.length / 2 - 1;
    for (let slot = (high ^ (low >>> 7)) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[2 * slot + 1]!;
      if (found === 0) {
        this.#slots[2 * slot] = low;
        this.#slots[2 * slot + 1] = high;
        this.#used++;
        return true;
      }
      if (found === high && this.#slots[2 * slot] === low) return false;
    }
  }

  /** Goes on with half of the hashes; of the repeats so far about half belong to them. */
  #halve(): void {
    this.#skippedBits++;
    this.#repeats = Math.round(this.#repeats / 2);
    this.#rehash(this.#slots.length);
  }

  #rehash(length: number): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(length);
    this.#used = 0;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== 0 && this.#isKept(old[at]!)) this.#insert(old[at]!, old[at + 1]!);
    }
  }
}

/** Rows that stand for all: every row while they are few, then every 2nd, 4th... so that they stay evenly spaced. */
export class EvenSample<Row> {
  readonly #limit: number;
  #rows: Row[] = [];
  #stride = 1;
  #seen = 0;

  constructor(limit: number) {
    this.#limit = Math.max(2, limit);
  }

  /** Takes the next row; it is made only where it is kept. */
  offer(make: () => Row): void {
    if (this.#seen++ % this.#stride !== 0) return;
    this.#rows.push(make());
    if (this.#rows.length <= this.#limit) return;
    this.#rows = this.#rows.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }
}
