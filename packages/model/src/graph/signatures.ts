/** What each operator takes: operator-set versions, number of inputs, and element types. */
import type { ElementType, Node } from './graph.js';

/** Type of one input: a fixed one, `T` for the type that all such inputs share, or `any` for one of its own. */
type InputType = ElementType | 'T' | 'any';

/** One operator in one range of operator-set versions, ends included. */
export interface Signature {
  readonly opsets: readonly [number, number];
  readonly inputs: readonly InputType[];
  /** Inputs that must be given; the rest may be left out. */
  readonly required: number;
  /** Whether the last input may come any number of times. */
  readonly variadic: boolean;
  /** Types that `T` may stand for. */
  readonly types: readonly ElementType[];
}

const FLOATS: readonly ElementType[] = ['float32', 'float64'];
const NUMBERS: readonly ElementType[] = [...FLOATS, 'int64', 'int32', 'uint8'];
const ALL: readonly ElementType[] = [...NUMBERS, 'bool', 'string'];
const FIXED: readonly ElementType[] = [...NUMBERS, 'bool'];

/** First and last operator set that the signatures hold for. */
const FIRST = 13;
const LAST = 21;

type Options = Partial<Pick<Signature, 'required' | 'variadic' | 'opsets'>>;

const signature = (
  op: string,
  inputs: readonly InputType[],
  types: readonly ElementType[],
  options: Options = {},
): [string, Signature] => [
  `:${op}`,
  { opsets: [FIRST, LAST], inputs, required: inputs.length, variadic: false, types, ...options },
];

const each = (
  ops: readonly string[],
  inputs: readonly InputType[],
  types: readonly ElementType[],
  options: Options = {},
): [string, Signature][] => ops.map((op) => signature(op, inputs, types, options));

const REDUCTIONS = ['ReduceMean', 'ReduceMax', 'ReduceProd'];

const ROWS: readonly [string, Signature][] = [
  ...each(['Exp', 'Log', 'Sqrt', 'Sigmoid', 'Tanh', 'Softmax', 'LogSoftmax', 'Softplus'], ['T'], FLOATS),
  ...each(['Floor', 'IsNaN'], ['T'], FLOATS),
  ...each(['Neg', 'Abs', 'Relu', 'Sign'], ['T'], NUMBERS),
  ...each(['Identity', 'Transpose', 'Shape', 'Cast'], ['T'], ALL),
  ...each(['Add', 'Sub', 'Mul', 'Div'], ['T', 'T'], NUMBERS),
  ...each(['Max', 'Min'], ['T'], NUMBERS, { variadic: true }),
  ...each(['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'], ['T', 'T'], NUMBERS),
  ...each(['And', 'Or'], ['bool', 'bool'], []),
  ...each(['Squeeze', 'ReduceSum'], ['T', 'int64'], ALL, { required: 1 }),
  ...each(REDUCTIONS, ['T'], NUMBERS, { opsets: [FIRST, 17] }),
  ...each(REDUCTIONS, ['T', 'int64'], NUMBERS, { required: 1, opsets: [18, LAST] }),
  ...each(['Reshape', 'Unsqueeze', 'Expand'], ['T', 'int64'], ALL),
  signature('Not', ['bool'], []),
  signature('Equal', ['T', 'T'], FIXED, { opsets: [FIRST, 18] }),
  signature('Equal', ['T', 'T'], ALL, { opsets: [19, LAST] }),
  signature('Pow', ['T', 'any'], NUMBERS),
  signature('Clip', ['T', 'T', 'T'], NUMBERS, { required: 1 }),
  signature('MatMul', ['T', 'T'], NUMBERS),
  signature('Gemm', ['T', 'T', 'T'], NUMBERS, { required: 2 }),
  signature('ArgMax', ['T'], NUMBERS),
  signature('Concat', ['T'], ALL, { variadic: true }),
  signature('Slice', ['T', 'int64', 'int64', 'int64', 'int64'], ALL, { required: 3 }),
  signature('Gather', ['T', 'int64'], ALL),
  signature('ScatterElements', ['T', 'int64', 'T'], ALL, { opsets: [16, LAST] }),
  signature('Where', ['bool', 'T', 'T'], ALL),
  signature('OneHot', ['any', 'any', 'T'], ALL),
  signature('ConstantOfShape', ['int64'], []),
  signature('TopK', ['T', 'int64'], NUMBERS),
  ['ai.onnx.ml:LabelEncoder', { opsets: [2, 4], inputs: ['T'], required: 1, variadic: false, types: ALL }],
  [
    'ai.onnx.ml:TreeEnsembleRegressor',
    { opsets: [3, 4], inputs: ['T'], required: 1, variadic: false, types: [...FLOATS, 'int64', 'int32'] },
  ],
];

const SIGNATURES: ReadonlyMap<string, readonly Signature[]> = buildTable(ROWS);

/** Signatures by "domain:operator". @throws Error when two of one operator overlap */
export function buildTable(rows: readonly [string, Signature][]): ReadonlyMap<string, readonly Signature[]> {
  const table = new Map<string, Signature[]>();
  for (const [key, row] of rows) {
    const others = table.get(key) ?? [];
    if (others.some(({ opsets }) => opsets[0] <= row.opsets[1] && row.opsets[0] <= opsets[1])) {
      throw new Error(`two signatures of ${key} overlap`);
    }
    table.set(key, [...others, row]);
  }
  return table;
}

/** Operators with a signature, as "domain:operator". */
export function knownOperators(): readonly string[] {
  return [...SIGNATURES.keys()];
}

/** Checks a node's operator, its version, and the number and types of its inputs. @throws Error naming the node */
export function checkSignature(node: Node, opset: number, typeOf: (input: string) => ElementType | undefined): void {
  const rows = SIGNATURES.get(`${node.domain}:${node.op}`);
  const label = node.domain ? `${node.domain}.${node.op}` : node.op;
  if (!rows) throw new Error(`${node.name}: unknown operator ${label}`);
  const found = rows.find(({ opsets }) => opsets[0] <= opset && opset <= opsets[1]);
  if (!found) throw new Error(`${node.name}: ${label} is not known in opset ${opset}`);
  checkCount(node, label, found);
  checkTypes(node, found, typeOf);
}

function checkCount(node: Node, label: string, { inputs, required, variadic }: Signature): void {
  const count = node.inputs.length;
  const missing = inputs.slice(0, required).findIndex((_, index) => (node.inputs[index] ?? '') === '');
  if (missing >= 0) throw new Error(`${node.name}: ${label} misses input ${missing}`);
  if (!variadic && count > inputs.length) {
    throw new Error(`${node.name}: ${label} takes at most ${inputs.length} inputs, not ${count}`);
  }
}

function checkTypes(node: Node, found: Signature, typeOf: (input: string) => ElementType | undefined): void {
  let shared: ElementType | null = null;
  node.inputs.forEach((input, index) => {
    const type = input === '' ? undefined : typeOf(input);
    if (type === undefined) return;
    const wanted = found.inputs[Math.min(index, found.inputs.length - 1)]!;
    if (wanted === 'any') return;
    if (wanted !== 'T') {
      if (type !== wanted) throw new Error(`${node.name}: input ${index} is ${type}, not ${wanted}`);
      return;
    }
    if (shared !== null && type !== shared) throw new Error(`${node.name}: ${shared} with ${type}`);
    if (!found.types.includes(type)) throw new Error(`${node.name}: ${node.op} does not take ${type}`);
    shared = type;
  });
}
