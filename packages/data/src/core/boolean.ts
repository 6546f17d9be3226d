/** Reads yes-or-no cells: every usual spelling, in any case. */

/** Spellings of true, in lower case. */
export const TRUE_SPELLINGS: readonly string[] = ['true', 't', 'yes', 'y', 'on', '1'];
/** Spellings of false, in lower case. */
export const FALSE_SPELLINGS: readonly string[] = ['false', 'f', 'no', 'n', 'off', '0'];

const VALUES = new Map<string, 0 | 1>([
  ...TRUE_SPELLINGS.map((spelling) => [spelling, 1] as const),
  ...FALSE_SPELLINGS.map((spelling) => [spelling, 0] as const),
]);
const LONGEST = 5;

/** 1 for true, 0 for false, NaN for a text that is neither; blanks around do not count. */
export function parseBoolean(cell: string): number {
  const exact = VALUES.get(cell);
  if (exact !== undefined) return exact;
  const text = cell.trim();
  return text.length > LONGEST ? Number.NaN : (VALUES.get(text.toLowerCase()) ?? Number.NaN);
}

/** Every spelling in every mixture of upper and lower case, with its value: what a graph looks cells up in. */
export function allSpellings(): ReadonlyMap<string, 0 | 1> {
  const all = new Map<string, 0 | 1>();
  for (const [spelling, value] of VALUES) {
    const mixtures = [...spelling].reduce<readonly string[]>(
      (starts, letter) => starts.flatMap((start) => [start + letter, start + letter.toUpperCase()]),
      [''],
    );
    for (const mixture of mixtures) all.set(mixture, value);
  }
  return all;
}
