/** The fitted preprocessing as ONNX nodes: raw columns in, features out. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import { categoryPositions, numberColumns, type PreprocessingPlan, type TextColumnPlan, textColumns } from './plan.js';
import { MISSING_TEXT } from './text-cell.js';

const FLOAT32 = 1;

/**
 * Adds one input per raw column ([N, 1], double or string; NaN is a missing number, text as of `textInput`) and what turns them into features.
 * @returns the name of the features, [N, F] float32
 */
export function addPreprocessing(builder: GraphBuilder, plan: PreprocessingPlan): string {
  for (const column of plan.columns) {
    builder.input(column.name, column.type === 'number' ? 'float64' : 'string', ['N', 1]);
  }
  const blocks = textColumns(plan).map((column) => addText(builder, column));
  if (numberColumns(plan).length > 0) blocks.unshift(addNumbers(builder, plan));
  return blocks.length === 1
    ? blocks[0]!
    : builder.node('Concat', blocks, { axis: attribute.int(1) }, { hint: 'features' });
}

/** All numeric columns at once: fill, subtract and divide in float64, then float32. */
function addNumbers(builder: GraphBuilder, plan: PreprocessingPlan): string {
  const columns = numberColumns(plan);
  const row = (hint: string, values: readonly number[]): string =>
    builder.constant('float64', [1, columns.length], Float64Array.from(values), hint);
  const names = columns.map((column) => column.name);
  const raw = names.length === 1 ? names[0]! : builder.node('Concat', names, { axis: attribute.int(1) });
  const fill = row(
    'fill',
    columns.map((column) => column.fill ?? Number.NaN),
  );
  const filled = builder.node('Where', [builder.node('IsNaN', [raw]), fill, raw]);
  const centered = builder.node('Sub', [
    filled,
    row(
      'center',
      columns.map((column) => column.center),
    ),
  ]);
  const scaled = builder.node('Div', [
    centered,
    row(
      'scale',
      columns.map((column) => column.scale),
    ),
  ]);
  return builder.node('Cast', [scaled], { to: attribute.int(FLOAT32) });
}

/** One text column: its position among the categories, then one-hot or the position itself. */
function addText(builder: GraphBuilder, column: TextColumnPlan): string {
  const positions = new Map(categoryPositions(column));
  const filled = column.fill === null ? undefined : positions.get(column.fill);
  if (filled !== undefined) positions.set(MISSING_TEXT, filled);
  const index = builder.node(
    'LabelEncoder',
    [column.name],
    {
      keys_strings: attribute.strings([...positions.keys()]),
      values_int64s: attribute.ints([...positions.values()]),
      default_int64: attribute.int(column.unknown === 'other' ? column.categories.length : -1),
    },
    { domain: 'ai.onnx.ml' },
  );
  if (column.encode === 'ordinal') return builder.node('Cast', [index], { to: attribute.int(FLOAT32) });
  const width = column.categories.length + (column.unknown === 'other' ? 1 : 0);
  const range = builder.constant(
    'int64',
    [1, width],
    BigInt64Array.from({ length: width }, (_, at) => BigInt(at)),
    'range',
  );
  return builder.node('Cast', [builder.node('Equal', [index, range])], { to: attribute.int(FLOAT32) });
}
