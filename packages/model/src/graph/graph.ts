/** An ONNX graph as plain data: what layers build, autodiff extends, the verifier checks and the codec writes. */

/** Element type of a tensor. */
export type ElementType = 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool' | 'string';

/** One dimension: a size, or a name such as "N" for one known only at run time. */
export type Dimension = number | string;

/** Constant tensor; `data` is row-major and has the product of `shape` elements. */
export interface Tensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | readonly string[];
}

/** Name, type and shape of a value that enters or leaves a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** Attribute of a node. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor };

/** One operation. An empty input name stands for an optional input that is left out. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** '' for the standard operators, 'ai.onnx.ml' for the classical ones. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A graph whose nodes are in an order in which they can run. */
export interface Graph {
  readonly name: string;
  /** Operator-set version by domain, for example `{'': 17, 'ai.onnx.ml': 3}`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: readonly Tensor[];
  readonly nodes: readonly Node[];
}
