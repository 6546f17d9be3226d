/** Broadcasting of shapes as ONNX defines it. */
import type { Dimension } from './graph.js';

/** The shape that two shapes broadcast to. @throws Error naming `where` when they do not */
export function broadcastShapes(
  left: readonly Dimension[],
  right: readonly Dimension[],
  where: string,
): readonly Dimension[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis): Dimension => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a === b || b === 1) return a;
    if (a === 1) return b;
    if (typeof a === 'number' && typeof b === 'number') {
      throw new Error(`${where}: shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast`);
    }
    return typeof a === 'number' ? a : b;
  });
}

/** Axes over which a value of `shape` was repeated to reach `target`; sizes counted in `target`. */
export function broadcastAxes(shape: readonly Dimension[], target: readonly Dimension[]): number[] {
  const offset = target.length - shape.length;
  return target.flatMap((size, axis) => {
    const own = axis < offset ? 1 : shape[axis - offset];
    return axis < offset || (own === 1 && size !== 1) ? [axis] : [];
  });
}

/** An axis counted from the front. */
export function normaliseAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank) throw new Error(`axis ${axis} is outside a tensor of rank ${rank}`);
  return normal;
}
