/** The fitted preprocessing as ONNX nodes: raw columns in, features out. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import { allSpellings } from './boolean.js';
import { inputType, rawName } from './cell-format.js';
import { addDatePart } from './date-parts.js';
import {
  categoryPositions,
  inputsOf,
  type NumberColumnPlan,
  numberColumns,
  type PreprocessingPlan,
  type TextColumnPlan,
  textColumns,
} from './plan.js';
import { MISSING_TEXT } from './text-cell.js';
import { zoneOffsets } from './time-zone.js';

const FLOAT32 = 1;

/**
 * Adds one input per raw column ([N, 1]; double where it holds numbers or dates in milliseconds since 1970, NaN for a
 * missing one; string where it holds booleans, or text as of `textInput`) and what turns them into features.
 * @returns the name of the features, [N, F] float32
 */
export function addPreprocessing(builder: GraphBuilder, plan: PreprocessingPlan): string {
  for (const column of inputsOf(plan)) builder.input(rawName(column), inputType(column), ['N', 1]);
  const blocks = textColumns(plan).map((column) => addText(builder, column));
  if (numberColumns(plan).length > 0) blocks.unshift(addNumbers(builder, plan));
  return blocks.length === 1
    ? blocks[0]!
    : builder.node('Concat', blocks, { axis: attribute.int(1) }, { hint: 'features' });
}

/** The numbers of a numeric column, [N, 1] double; NaN is missing. */
function addNumber(builder: GraphBuilder, { name, format }: NumberColumnPlan): string {
  if (format.type === 'boolean') return addBoolean(builder, name);
  if (format.type === 'number') return name;
  return addDatePart(builder, format.part, format.column, zoneOffsets(format.timeZone));
}

/** Looks up every spelling; a text that is none counts as missing, since a graph cannot refuse. */
function addBoolean(builder: GraphBuilder, name: string): string {
  const spellings = allSpellings();
  const index = builder.node(
    'LabelEncoder',
    [name],
    {
      keys_strings: attribute.strings([...spellings.keys()]),
      values_int64s: attribute.ints([...spellings.values()]),
      default_int64: attribute.int(2),
    },
    { domain: 'ai.onnx.ml' },
  );
  const values = builder.constant('float64', [3], Float64Array.of(0, 1, Number.NaN), 'booleans');
  return builder.node('Gather', [values, index], { axis: attribute.int(0) });
}

/** All numeric columns at once: fill, subtract and divide in float64, then float32. */
function addNumbers(builder: GraphBuilder, plan: PreprocessingPlan): string {
  const columns = numberColumns(plan);
  const row = (hint: string, values: readonly number[]): string =>
    builder.constant('float64', [1, columns.length], Float64Array.from(values), hint);
  const names = columns.map((column) => addNumber(builder, column));
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
