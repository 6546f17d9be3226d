/** How far two ways to compute the same scores are apart. */

/** Largest absolute difference; NaN on one side only counts as infinite. */
export function largestDifference(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) throw new Error(`${left.length} values against ${right.length}`);
  let largest = 0;
  for (let index = 0; index < left.length; index++) {
    const [a, b] = [left[index] as number, right[index] as number];
    if (Object.is(a, b)) continue;
    const difference = Math.abs(a - b);
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return largest;
}
