/** Settings that differ by namespace. */

/** Stands for every namespace that is not named. */
export const OTHERS = '*';

/** Numbers by the name of a namespace, or {@link OTHERS}. */
export type ByNamespace = Readonly<Record<string, number>>;

/** The number of each namespace. @param fallback of those that are not named, where {@link OTHERS} is not either */
export function byNamespace(numbers: ByNamespace, fallback: number): (namespace: string) => number {
  const known = new Map(Object.entries(numbers));
  return (namespace) => known.get(namespace) ?? known.get(OTHERS) ?? fallback;
}
