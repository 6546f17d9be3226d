/** Pure model core. */
export type { Attribute, Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from './graph/graph.js';
