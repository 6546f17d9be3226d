/** The nearest right name to a wrong one. */
import { distance } from 'fastest-levenshtein';

/** Longer names are not compared: nobody mistypes so much, and the distance costs the product of both lengths. */
const MAX_COMPARED_CHARACTERS = 100;

/**
 * The nearest of some names, or null where none is near enough to be meant. `learning_rate` is as near to
 * `learningRate` as can be.
 * @param synonyms other words for a name, for example `{lr: 'learningRate'}`
 */
export function nearest(
  wrong: string,
  names: readonly string[],
  synonyms: Readonly<Record<string, string>> = {},
): string | null {
  if (wrong.length > MAX_COMPARED_CHARACTERS) return null;
  const pairs = [
    ...names.map((name) => [name, name] as const),
    ...Object.entries(synonyms).filter(([, name]) => names.includes(name)),
  ];
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [word, name] of pairs) {
    const far = distance(plain(wrong), plain(word));
    // Short words are near to anything, so they have to be nearer.
    if (far < least && far <= Math.max(1, Math.min(plain(word).length / 3, wrong.length / 3))) {
      least = far;
      best = name;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
