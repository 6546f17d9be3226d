/** Reverse-mode differentiation: walks a graph backwards and writes gradients as ordinary nodes. Names no operator. */
import { LockstepError } from '@lockstep/protocol/core';
import { GraphBuilder } from '../graph/builder.js';
import type { Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from '../graph/graph.js';
import { inferShapes } from '../graph/shapes.js';
import { verifyGraph } from '../graph/verify.js';
import type { GradientContext, GradientRule } from './gradient-rule.js';
import { findRule } from './table.js';

/** What is differentiated by what. */
export interface DifferentiationRequest {
  /** Value whose gradients are wanted. */
  readonly loss: string;
  /** Value of the loss's own shape that the gradient starts from; gradients are those of sum(seed * loss). */
  readonly seed: string;
  /** Values to differentiate by. One that does not reach the loss gets zeros. */
  readonly parameters: readonly string[];
  /** Name of the output that holds a parameter's gradient. */
  readonly gradientName: (parameter: string) => string;
}

/** Everything one differentiation works on. */
interface Walk {
  readonly graph: Graph;
  readonly builder: GraphBuilder;
  readonly values: ReadonlyMap<string, ValueInfo>;
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Values on a path from a parameter on: only these need gradients. */
  readonly needed: ReadonlySet<string>;
  /** Gradients so far, by value. */
  readonly gradients: Map<string, string>;
}

/**
 * The graph with one more output per parameter: the gradient of sum(seed * loss).
 * Contributions are added in the order of their consumers, last first, so that the same graph always gives the same bits.
 * @throws LockstepError GRADIENT_UNSUPPORTED naming an operator without a rule
 */
export function differentiate(graph: Graph, request: DifferentiationRequest): Graph {
  const values = inferShapes(graph);
  checkRequest(graph, values, request);
  const builder = GraphBuilder.from(graph);
  const walk: Walk = {
    graph,
    builder,
    values,
    constants: new Map(graph.initializers.map((tensor) => [tensor.name, tensor])),
    needed: valuesThatReach(graph, values, request.parameters),
    gradients: new Map([[request.loss, request.seed]]),
  };
  for (const node of [...graph.nodes].reverse()) passThrough(walk, node);
  for (const parameter of request.parameters) {
    const value = values.get(parameter)!;
    const gradient = walk.gradients.get(parameter) ?? zeros(builder, value);
    builder.output(request.gradientName(parameter), value.type, value.shape, gradient);
  }
  const differentiated = builder.build();
  verifyGraph(differentiated);
  return differentiated;
}

function checkRequest(
  { name }: Graph,
  values: ReadonlyMap<string, ValueInfo>,
  { loss, seed, parameters }: DifferentiationRequest,
): void {
  for (const value of [loss, seed, ...parameters]) {
    const found = values.get(value);
    if (!found) throw new Error(`${value} is no value of graph ${name}`);
    if (!isFloat(found.type)) throw new Error(`${value} of graph ${name} is ${found.type}: it has no gradient`);
  }
  const [from, to] = [values.get(seed)!, values.get(loss)!];
  if (from.type === to.type && fits(from.shape, to.shape)) return;
  const describe = ({ name: value, type, shape }: ValueInfo): string => `${value} is ${type} [${shape.join(', ')}]`;
  throw new Error(`the seed ${describe(from)}, but the loss ${describe(to)}`);
}

function fits(left: readonly Dimension[], right: readonly Dimension[]): boolean {
  return (
    left.length === right.length &&
    left.every((size, axis) => [size, right[axis]].some((other) => typeof other === 'string') || size === right[axis])
  );
}

/** Hands a node's gradient on to those of its inputs that need one. */
function passThrough(walk: Walk, node: Node): void {
  const { graph, builder, gradients, needed } = walk;
  const [gradient, ...others] = node.outputs.map((output) => gradients.get(output));
  if ([gradient, ...others].every((found) => found === undefined)) return;
  if (!node.outputs.some((output) => needed.has(output))) return;
  const rule = ruleOf(graph, node);
  if (rule?.outcome === 'zero') return;
  if (!rule || gradient === undefined || others.some((other) => other !== undefined)) throw unsupported(walk, node);
  const found = rule.gradients(contextOf(walk, node, gradient));
  node.inputs.forEach((input, index) => {
    const contribution = found[index];
    if (!contribution) return;
    const sum = gradients.get(input);
    gradients.set(input, sum === undefined ? contribution : builder.node('Add', [sum, contribution]));
  });
}

/** Float values on a path from a parameter on, a path ending where no gradient flows. */
function valuesThatReach(
  graph: Graph,
  values: ReadonlyMap<string, ValueInfo>,
  parameters: readonly string[],
): Set<string> {
  const needed = new Set(parameters);
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => needed.has(input)) || ruleOf(graph, node)?.outcome === 'zero') continue;
    for (const output of node.outputs) if (isFloat(values.get(output)!.type)) needed.add(output);
  }
  return needed;
}

function contextOf(walk: Walk, node: Node, gradient: string): GradientContext {
  const { builder, needed, values, constants } = walk;
  const lookUp = (name: string): ValueInfo => {
    const value = values.get(name);
    if (!value) throw new Error(`${node.name}: ${name} is not defined`);
    return value;
  };
  const constant = (index: number): Tensor | null => constants.get(node.inputs[index] ?? '') ?? null;
  return {
    node,
    builder,
    gradient,
    wants: (index) => needed.has(node.inputs[index] ?? ''),
    shape: (name) => lookUp(name).shape,
    type: (name) => lookUp(name).type,
    constant,
    integers(index) {
      const tensor = constant(index);
      return tensor?.type === 'int64' ? Array.from(tensor.data as BigInt64Array, Number) : null;
    },
    unsupported: (limits) => unsupported(walk, node, limits),
  };
}

function isFloat(type: ElementType): boolean {
  return type === 'float32' || type === 'float64';
}

function zeros(builder: GraphBuilder, value: ValueInfo): string {
  const shape = value.shape.map((size) => {
    if (typeof size === 'string') throw new Error(`parameter ${value.name} has no fixed shape`);
    return size;
  });
  const count = shape.reduce((product, size) => product * size, 1);
  const data = value.type === 'float64' ? new Float64Array(count) : new Float32Array(count);
  return builder.constant(value.type, shape, data, 'zeros');
}

function ruleOf({ opsets }: Graph, node: Node): GradientRule | undefined {
  return findRule(node.domain, node.op, opsets[node.domain] ?? 0);
}

function unsupported({ graph }: Walk, node: Node, limits = ruleOf(graph, node)?.limits): LockstepError {
  const op = node.domain ? `${node.domain}.${node.op}` : node.op;
  const what = limits === undefined ? 'has no gradient' : `has a gradient only ${limits}`;
  return new LockstepError('GRADIENT_UNSUPPORTED', {
    message: `The operator ${op} (opset ${graph.opsets[node.domain] ?? 0}, node ${node.name}) ${what}.`,
    field: node.name,
    value: op,
  });
}
