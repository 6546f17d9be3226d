/** The fitted preprocessing as ONNX nodes: raw columns in, features out. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import { inputType, rawName } from './cell-format.js';
import { addNumbers } from './number-graph.js';
import {
  type ColumnPlan,
  categoryPositions,
  indicatedColumns,
  inputsOf,
  type PreprocessingPlan,
  type TextColumnPlan,
  textColumns,
  textWidth,
  unknownPosition,
} from './plan.js';
import { MISSING_TEXT } from './text-cell.js';

const FLOAT32 = 1;
const BOOL = 9;

/**
 * Adds one input per raw column ([N, 1]; double where it holds numbers or dates in milliseconds since 1970, NaN for a
 * missing one; string where it holds booleans, or text as of `textInput`) and what turns them into features.
 * @returns the name of the features, [N, F] float32
 */
export function addPreprocessing(builder: GraphBuilder, plan: PreprocessingPlan): string {
  for (const column of inputsOf(plan)) builder.input(rawName(column), inputType(column), ['N', 1]);
  const numbers = addNumbers(builder, plan);
  const indicated = indicatedColumns(plan).filter((column) => column.type === 'text');
  const blocks = [
    ...numbers.values,
    ...textColumns(plan).map((column) => addText(builder, column)),
    ...numbers.indicators,
    ...indicated.map((column) => addTextIndicator(builder, column)),
    ...numbers.outliers,
  ];
  return blocks.length === 1
    ? blocks[0]!
    : builder.node('Concat', blocks, { axis: attribute.int(1) }, { hint: 'features' });
}

/** One text column; NaN where it is missing and training had no such rows. */
function addText(builder: GraphBuilder, column: TextColumnPlan): string {
  const known = addCategories(builder, column);
  if (!column.drop) return known;
  const isMissing = builder.node('Cast', [addIsMissing(builder, column)], { to: attribute.int(BOOL) });
  return builder.node('Where', [isMissing, builder.scalar(Number.NaN), known]);
}

/** Its position among the categories, then one-hot or the position itself. */
function addCategories(builder: GraphBuilder, column: TextColumnPlan): string {
  const positions = new Map(categoryPositions(column));
  const filled = column.fill === null ? undefined : positions.get(column.fill);
  if (filled !== undefined) positions.set(MISSING_TEXT, filled);
  const index = addLookup(builder, column.name, positions, unknownPosition(column));
  if (column.encode === 'ordinal') return builder.node('Cast', [index], { to: attribute.int(FLOAT32) });
  const width = textWidth(column);
  const range = builder.constant(
    'int64',
    [1, width],
    BigInt64Array.from({ length: width }, (_, at) => BigInt(at)),
    'range',
  );
  return builder.node('Cast', [builder.node('Equal', [index, range])], { to: attribute.int(FLOAT32) });
}

/** A feature that is 1 where the text is missing. */
function addTextIndicator(builder: GraphBuilder, column: ColumnPlan): string {
  return builder.node('Cast', [addIsMissing(builder, column)], { to: attribute.int(FLOAT32) });
}

/** 1 where the text is missing, int64. */
function addIsMissing(builder: GraphBuilder, { name }: ColumnPlan): string {
  return addLookup(builder, name, new Map([[MISSING_TEXT, 1]]), 0);
}

/** The whole number that goes with a text, int64. */
function addLookup(builder: GraphBuilder, text: string, table: ReadonlyMap<string, number>, fallback: number): string {
  return builder.node(
    'LabelEncoder',
    [text],
    {
      keys_strings: attribute.strings([...table.keys()]),
      values_int64s: attribute.ints([...table.values()]),
      default_int64: attribute.int(fallback),
    },
    { domain: 'ai.onnx.ml' },
  );
}
