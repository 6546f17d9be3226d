/** How far the heap of a process that moves large vectors grows before all of it is searched for garbage. */
import { setFlagsFromString } from 'node:v8';
import { HEAP_GROWTH_FROM_ELEMENTS, HEAP_GROWTH_PERCENT } from './limits.js';

/**
 * Lets the heap of this process grow further from now on, where vectors are large. V8 counts the buffers of messages as a
 * part of a heap that is otherwise small, and would search all of it once in every step of a large model; young buffers
 * are freed by the quick search that runs before. With small vectors the heap stays small instead.
 */
export function letHeapGrowFor(elementCount: number): void {
  if (elementCount >= HEAP_GROWTH_FROM_ELEMENTS) setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}
