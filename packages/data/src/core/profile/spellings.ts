/** Values of a column that may be one thing in several spellings. */
import { distance } from 'fastest-levenshtein';

/** Shortest text that is compared by letters: among shorter ones one letter is much. */
const MIN_LETTERS = 5;
/** Values that are compared pair by pair. */
const MAX_COMPARED = 300;

/** Spellings that seem to mean the same, with how they differ. */
export interface SameThing {
  readonly values: readonly string[];
  readonly differ: 'case or blanks' | 'one letter';
}

/** A text without case, and with single blanks inside only. */
export function plainSpelling(value: string): string {
  return value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Groups of values that differ in case, blanks or one letter only; numbers are never compared by letters. */
export function sameThings(values: readonly string[]): SameThing[] {
  const groups = new Map<string, string[]>();
  for (const value of values) {
    const plain = plainSpelling(value);
    groups.set(plain, [...(groups.get(plain) ?? []), value]);
  }
  const found: SameThing[] = [];
  for (const spellings of groups.values()) {
    if (spellings.length > 1) found.push({ values: spellings, differ: 'case or blanks' });
  }
  const words = [...groups.keys()].filter((word) => word.length >= MIN_LETTERS && !/\d/.test(word));
  if (words.length > MAX_COMPARED) return found;
  words.forEach((word, index) => {
    for (const other of words.slice(index + 1)) {
      if (Math.abs(word.length - other.length) > 1 || distance(word, other) !== 1) continue;
      found.push({ values: [groups.get(word)![0]!, groups.get(other)![0]!], differ: 'one letter' });
    }
  });
  return found;
}
