/** Numeric columns as ONNX nodes: cleaned and scaled in float64, and what says that a number is missing or an outlier. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import { allSpellings } from './boolean.js';
import { addDatePart } from './date-parts.js';
import type { IsolationForest } from './isolation-forest.js';
import { addForestSum } from './isolation-forest-graph.js';
import { addNeighbors } from './neighbors-graph.js';
import type { Bounds } from './outliers.js';
import {
  flaggedColumns,
  indicatedColumns,
  type NumberColumnPlan,
  numberColumns,
  type PreprocessingPlan,
} from './plan.js';
import { addRanks } from './ranks-graph.js';
import { zoneOffsets } from './time-zone.js';

const FLOAT32 = 1;
const FLOAT64 = 11;
const UNBOUNDED: Bounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY };

/** Names of blocks of features, each [N, some] float32, in the order of the features. */
export interface NumberBlocks {
  /** One feature per column. */
  readonly values: readonly string[];
  /** 1 where a number is missing. */
  readonly indicators: readonly string[];
  /** 1 where a number is an outlier, and where the row is one. */
  readonly outliers: readonly string[];
}

/** Adds the numeric columns of a plan. */
export function addNumbers(builder: GraphBuilder, plan: PreprocessingPlan): NumberBlocks {
  const columns = numberColumns(plan);
  if (columns.length === 0) return { values: [], indicators: [], outliers: [] };
  const names = columns.map((column) => column.name);
  const parts = columns.map((column) => addNumber(builder, column));
  const raw = parts.length === 1 ? parts[0]! : builder.node('Concat', parts, { axis: attribute.int(1) });
  /** Some of the columns, [N, names.length]. */
  const pick = (wanted: readonly string[]): string => {
    const places = wanted.map((name) => names.indexOf(name));
    if (places.length === names.length && places.every((place, index) => place === index)) return raw;
    return builder.node('Gather', [raw, builder.int64s(places, 'columns')], { axis: attribute.int(1) });
  };
  const indicated = indicatedColumns(plan).filter((column) => column.type === 'number');
  const flagged = flaggedColumns(plan);
  return {
    values: [addValues(builder, plan, columns, raw)],
    indicators:
      indicated.length > 0
        ? [toFeature(builder, builder.node('IsNaN', [pick(indicated.map(({ name }) => name))]))]
        : [],
    outliers: [
      ...(flagged.length > 0
        ? [
            addFlags(
              builder,
              pick(flagged.map(({ name }) => name)),
              flagged.map(({ flag }) => flag),
            ),
          ]
        : []),
      ...(plan.forest ? [addForestFlag(builder, plan.forest, pick(plan.forest.columns))] : []),
    ],
  };
}

/** Cut to bounds, filled from neighbors, filled, scaled: all columns at once, in float64, then float32. */
function addValues(
  builder: GraphBuilder,
  plan: PreprocessingPlan,
  columns: readonly NumberColumnPlan[],
  raw: string,
): string {
  const row = rowMaker(builder);
  const cut = columns.some(({ clip }) => clip)
    ? addCut(
        builder,
        raw,
        columns.map(({ clip }) => clip ?? UNBOUNDED),
      )
    : raw;
  const near = plan.neighbors ? addNeighbors(builder, plan.neighbors, cut) : cut;
  const fill = row(
    'fill',
    columns.map((column) => column.fill ?? Number.NaN),
  );
  const filled = builder.node('Where', [builder.node('IsNaN', [near]), fill, near]);
  const centered = builder.node('Sub', [
    filled,
    row(
      'center',
      columns.map(({ center }) => center),
    ),
  ]);
  const scaled = builder.node('Div', [
    centered,
    row(
      'scale',
      columns.map(({ scale }) => scale),
    ),
  ]);
  return builder.node('Cast', [addRanks(builder, columns, filled, scaled)], { to: attribute.int(FLOAT32) });
}

function addCut(builder: GraphBuilder, raw: string, bounds: readonly Bounds[]): string {
  const [lower, upper] = boundRows(builder, bounds);
  const above = builder.node('Where', [builder.node('Less', [raw, lower]), lower, raw]);
  return builder.node('Where', [builder.node('Greater', [raw, upper]), upper, above]);
}

function addFlags(builder: GraphBuilder, raw: string, bounds: readonly Bounds[]): string {
  const [lower, upper] = boundRows(builder, bounds);
  const below = builder.node('Less', [raw, lower]);
  return toFeature(builder, builder.node('Or', [below, builder.node('Greater', [raw, upper])]));
}

/** Lower and upper ends, a row of one value per column each. */
function boundRows(builder: GraphBuilder, bounds: readonly Bounds[]): readonly [lower: string, upper: string] {
  const row = rowMaker(builder);
  const lower = bounds.map((bound) => bound.lower);
  const upper = bounds.map((bound) => bound.upper);
  return [row('lower', lower), row('upper', upper)];
}

function addForestFlag(builder: GraphBuilder, forest: IsolationForest, raw: string): string {
  const fill = rowMaker(builder)('fill', forest.fill);
  const filled = builder.node('Where', [builder.node('IsNaN', [raw]), fill, raw]);
  const sum = builder.node('Cast', [addForestSum(builder, forest, filled)], { to: attribute.int(FLOAT64) });
  const limit = builder.constant('float64', [1, 1], Float64Array.of(forest.limit), 'limit');
  return toFeature(builder, builder.node('Less', [sum, limit]));
}

function toFeature(builder: GraphBuilder, truth: string): string {
  return builder.node('Cast', [truth], { to: attribute.int(FLOAT32) });
}

/** Makes a constant of one value per column, [1, columns]. */
function rowMaker(builder: GraphBuilder): (hint: string, values: readonly number[]) => string {
  return (hint, values) => builder.constant('float64', [1, values.length], Float64Array.from(values), hint);
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
