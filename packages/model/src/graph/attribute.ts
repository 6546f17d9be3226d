/** Short constructors and readers of node attributes. */
import type { Attribute, Node, Tensor } from './graph.js';

/** One constructor per kind of attribute. */
export const attribute = {
  int: (value: number): Attribute => ({ kind: 'int', value }),
  float: (value: number): Attribute => ({ kind: 'float', value }),
  string: (value: string): Attribute => ({ kind: 'string', value }),
  ints: (value: readonly number[]): Attribute => ({ kind: 'ints', value }),
  floats: (value: readonly number[]): Attribute => ({ kind: 'floats', value }),
  strings: (value: readonly string[]): Attribute => ({ kind: 'strings', value }),
  tensor: (value: Tensor): Attribute => ({ kind: 'tensor', value }),
} as const;

/** An integer attribute, or its default. */
export function intAttribute(node: Node, name: string, fallback: number): number {
  const found = node.attributes[name];
  return found?.kind === 'int' ? found.value : fallback;
}

/** A float attribute, or its default. */
export function floatAttribute(node: Node, name: string, fallback: number): number {
  const found = node.attributes[name];
  return found?.kind === 'float' ? found.value : fallback;
}

/** A list of integers, or null where it is absent. */
export function intsAttribute(node: Node, name: string): readonly number[] | null {
  const found = node.attributes[name];
  return found?.kind === 'ints' ? found.value : null;
}
