/** Builds a graph node by node; names are made unique, nodes stay in the order in which they can run. */
import type { Attribute, Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from './graph.js';

/** Operator sets of every graph built here. */
export const DEFAULT_OPSETS: Readonly<Record<string, number>> = { '': 17, 'ai.onnx.ml': 3 };

/** Settings of one node beyond its inputs and attributes. */
export interface NodeOptions {
  /** @default '' the standard operators */
  readonly domain?: string;
  /** Names of the outputs. @default one, named after the operator */
  readonly outputs?: readonly string[];
  /** Name that an unnamed output starts with. @default the operator's name in lower case */
  readonly hint?: string;
}

/** Collects the parts of a {@link Graph}. */
export class GraphBuilder {
  readonly #name: string;
  readonly #opsets: Readonly<Record<string, number>>;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers: Tensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #taken = new Set<string>();
  /** Where the search for the next free number of a hint starts: all numbers below are taken. */
  readonly #nextNumber = new Map<string, number>();

  constructor(name: string, opsets: Readonly<Record<string, number>> = DEFAULT_OPSETS) {
    this.#name = name;
    this.#opsets = opsets;
  }

  /** A builder that goes on with a finished graph; its outputs are kept. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder(graph.name, graph.opsets);
    builder.#inputs.push(...graph.inputs);
    builder.#outputs.push(...graph.outputs);
    builder.#initializers.push(...graph.initializers);
    builder.#nodes.push(...graph.nodes);
    for (const input of graph.inputs) builder.#taken.add(input.name);
    for (const tensor of graph.initializers) builder.#taken.add(tensor.name);
    for (const node of graph.nodes) for (const output of node.outputs) builder.#taken.add(output);
    return builder;
  }

  /** Adds a graph input. @returns its name */
  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#inputs.push({ name: this.#claim(name), type, shape });
    return name;
  }

  /** Adds a constant under its own name. @returns its name */
  initializer(tensor: Tensor): string {
    this.#initializers.push({ ...tensor, name: this.#claim(tensor.name) });
    return tensor.name;
  }

  /** Adds a constant under a name of its own. @returns its name */
  constant(type: ElementType, shape: readonly number[], data: Tensor['data'], hint = 'constant'): string {
    return this.initializer({ name: this.unique(hint), type, shape, data });
  }

  /** A float32 scalar. @returns its name */
  scalar(value: number, hint = 'scalar'): string {
    return this.constant('float32', [], Float32Array.of(value), hint);
  }

  /** A list of int64, for axes and shapes. @returns its name */
  int64s(values: readonly number[], hint = 'axes'): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values.map(BigInt)), hint);
  }

  /** Adds a node. @returns the name of its first output */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: NodeOptions = {},
  ): string {
    const outputs = options.outputs?.map((name) => this.#claim(name)) ?? [
      this.#claim(this.unique(options.hint ?? op.toLowerCase())),
    ];
    const name = `${op}_${this.#nodes.length}`;
    this.#nodes.push({ name, op, domain: options.domain ?? '', inputs, outputs, attributes });
    return outputs[0] ?? '';
  }

  /** Makes a value an output of the graph, under its own name or, through an Identity, under another. */
  output(name: string, type: ElementType, shape: readonly Dimension[], from = name): void {
    if (from !== name) this.node('Identity', [from], {}, { outputs: [name] });
    this.#outputs.push({ name, type, shape });
  }

  /** A name where it is not taken yet, else one that starts with it. */
  free(name: string): string {
    return this.#taken.has(name) ? this.unique(name) : name;
  }

  /** A name that is not taken yet, starting with `hint`. */
  unique(hint: string): string {
    let number = this.#nextNumber.get(hint) ?? 0;
    while (this.#taken.has(`${hint}_${number}`)) number++;
    this.#nextNumber.set(hint, number);
    return `${hint}_${number}`;
  }

  /** The graph so far. */
  build(): Graph {
    return {
      name: this.#name,
      opsets: this.#opsets,
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      initializers: [...this.#initializers],
      nodes: [...this.#nodes],
    };
  }

  #claim(name: string): string {
    if (this.#taken.has(name)) throw new Error(`the graph has two values named ${name}`);
    this.#taken.add(name);
    return name;
  }
}
