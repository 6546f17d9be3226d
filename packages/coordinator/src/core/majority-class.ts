/** Which numeric class a job is computed in. */

/** The class of most workers; among equals that of the worker that came first. '' without workers. */
export function majorityClass(classes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  let best = '';
  // A map keeps the order of first arrival, so only a greater count replaces an earlier class.
  for (const [name, count] of counts) if (count > (counts.get(best) ?? 0)) best = name;
  return best;
}
