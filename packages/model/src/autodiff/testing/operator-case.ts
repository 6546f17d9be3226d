/** Cases of one operator, read from cases/<operator>.jsonc, as graphs that can be run. For tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { attribute } from '../../graph/attribute.js';
import { DEFAULT_OPSETS, GraphBuilder } from '../../graph/builder.js';
import type { Attribute, Dimension, ElementType, Graph } from '../../graph/graph.js';
import { inferShapes } from '../../graph/shapes.js';
import { DATA_TYPES } from '../../onnx/element-types.js';
import type { Feed } from '../../testing/run-graph.js';
import { differentiate } from '../differentiate.js';
import { allRules } from '../table.js';

/** Float type that a case is run in. */
export type FloatType = 'float32' | 'float64';

/** One input of a case. */
export interface CaseInput {
  readonly shape: readonly number[];
  /** Shape as the graph states it. @default shape */
  readonly declared?: readonly Dimension[];
  /** @default the float type that the case is run in */
  readonly type?: 'int64' | 'bool';
  /** Whether it is an initialiser rather than a graph input. */
  readonly constant?: boolean;
  readonly data: readonly number[];
}

type CaseAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  /** The number of the float type that the case is run in, or of the other one. */
  | { readonly elementType: 'same' | 'other' };

/** What one operator does with given inputs. */
export interface OperatorCase {
  readonly name: string;
  /** @default 17 */
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, CaseAttribute>>;
  /** Where the function has a corner, so that finite differences say nothing. */
  readonly kink?: string;
  /** null: an optional input left out. */
  readonly inputs: readonly (CaseInput | null)[];
  /** Gradient of the output. */
  readonly seed: readonly number[];
  readonly output: { readonly shape: readonly number[]; readonly data: readonly number[] };
  /** By input; null for one that is no parameter. */
  readonly gradients: readonly (readonly number[] | null)[];
}

const FOLDER = new URL('../cases/', import.meta.url);

/** Names of the operators that have cases, in ONNX's spelling, each with its cases. */
export function readCases(): readonly (readonly [string, readonly OperatorCase[]])[] {
  return readdirSync(FOLDER).map((file) => {
    const name = file.replace(/\.jsonc$/, '').replaceAll('-', '');
    const rule = allRules().find(({ op }) => op.toLowerCase() === name);
    if (!rule) throw new Error(`cases/${file} is named after no operator that has a rule`);
    const text = readFileSync(new URL(file, FOLDER), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
    return [rule.op, JSON.parse(text) as OperatorCase[]];
  });
}

/** Inputs of a case that are differentiated by: their places. */
export function parametersOf({ gradients }: OperatorCase): number[] {
  return gradients.flatMap((gradient, index) => (gradient ? [index] : []));
}

/** Name of input `index` in the graph of a case. */
export function inputName(index: number): string {
  return `in${index}`;
}

/** A tensor of numbers in any element type that cases use. */
export function feedOf({ shape, data, type }: CaseInput, float: FloatType): Feed {
  const element = type ?? float;
  return { shape, type: element, data: toData(element, data) };
}

function toData(type: ElementType, data: readonly number[]): Feed['data'] {
  if (type === 'int64') return BigInt64Array.from(data, BigInt);
  if (type === 'bool') return Uint8Array.from(data);
  return type === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
}

/** Feeds of every input that is no constant. */
export function feedsOf(found: OperatorCase, float: FloatType): Record<string, Feed> {
  const fed = found.inputs.flatMap((input, index) =>
    input && !input.constant ? [[inputName(index), feedOf(input, float)] as const] : [],
  );
  return Object.fromEntries(fed);
}

/** The graph of the operator alone, output `out`. */
export function forwardGraph(op: string, found: OperatorCase, float: FloatType): Graph {
  const builder = new GraphBuilder(op, { ...DEFAULT_OPSETS, '': found.opset ?? 17 });
  const inputs = found.inputs.map((input, index) => {
    if (!input) return '';
    const feed = feedOf(input, float);
    return input.constant
      ? builder.initializer({ name: inputName(index), ...feed })
      : builder.input(inputName(index), feed.type, input.declared ?? input.shape);
  });
  const entries = Object.entries(found.attributes ?? {}).map(([name, value]) => [name, toAttribute(value, float)]);
  builder.node(op, inputs, Object.fromEntries(entries), { outputs: ['out'] });
  const out = inferShapes(builder.build()).get('out')!;
  builder.output('out', out.type, out.shape);
  return builder.build();
}

/** The graph with its seed as an input and the outputs gradient/<input>. */
export function differentiated(op: string, found: OperatorCase, float: FloatType): Graph {
  const builder = GraphBuilder.from(forwardGraph(op, found, float));
  const [out] = builder.build().outputs;
  builder.input('seed', out!.type, out!.shape);
  return differentiate(builder.build(), {
    loss: 'out',
    seed: 'seed',
    parameters: parametersOf(found).map(inputName),
    gradientName: (parameter) => `gradient/${parameter}`,
  });
}

function toAttribute(value: CaseAttribute, float: FloatType): Attribute {
  if ('int' in value) return attribute.int(value.int);
  if ('float' in value) return attribute.float(value.float);
  if ('ints' in value) return attribute.ints(value.ints);
  const other = float === 'float32' ? 'float64' : 'float32';
  return attribute.int(DATA_TYPES[value.elementType === 'same' ? float : other]);
}
