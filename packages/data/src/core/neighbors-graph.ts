/** Imputation by the nearest rows as ONNX nodes, term by term in the order of `NeighborFinder`. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import type { Neighbors } from './neighbors.js';

/**
 * Fills missing numbers where a neighbor has a value.
 * @param values the columns of the neighbors, [N, columns] float64
 * @returns the same, filled
 */
export function addNeighbors(builder: GraphBuilder, neighbors: Neighbors, values: string): string {
  const { columns, filled, rows } = neighbors;
  const parts = columns.map((_, place) =>
    builder.node('Gather', [values, builder.int64s([place], 'column')], { axis: attribute.int(1) }),
  );
  const distances = addDistances(builder, neighbors, parts);
  const cells = columns.map((_, place) => rows.map((row) => row[place] ?? Number.NaN));
  const blocks = columns.map((name, place) => {
    const value = parts[place]!;
    if (!filled.includes(name)) return value;
    const mean = addMean(builder, Math.min(neighbors.count, rows.length), distances, cells[place]!);
    return builder.node('Where', [builder.node('IsNaN', [value]), mean, value]);
  });
  return blocks.length === 1 ? blocks[0]! : builder.node('Concat', blocks, { axis: attribute.int(1) });
}

/** Squared distances to all reference rows, [N, rows]; infinite to those that share nothing. */
function addDistances(builder: GraphBuilder, neighbors: Neighbors, parts: readonly string[]): string {
  const { columns, deviations, rows } = neighbors;
  const zero = scalar(builder, 0);
  const one = scalar(builder, 1);
  let distance = '';
  let shared = '';
  columns.forEach((_, place) => {
    const scaled = builder.node('Div', [parts[place]!, scalar(builder, deviations[place]!)]);
    const reference = rows.map((row) => (row[place] ?? Number.NaN) / deviations[place]!);
    const difference = builder.node('Sub', [scaled, constantRow(builder, reference)]);
    const isMissing = builder.node('IsNaN', [difference]);
    const term = builder.node('Where', [isMissing, zero, builder.node('Mul', [difference, difference])]);
    const count = builder.node('Where', [isMissing, zero, one]);
    distance = distance ? builder.node('Add', [distance, term]) : term;
    shared = shared ? builder.node('Add', [shared, count]) : count;
  });
  const weighted = builder.node('Div', [builder.node('Mul', [distance, scalar(builder, columns.length)]), shared]);
  return builder.node('Where', [builder.node('Less', [zero, shared]), weighted, infinity(builder)]);
}

/** Mean of a column over the nearest rows that have it, [N, 1]; NaN where there is none. */
function addMean(builder: GraphBuilder, count: number, distances: string, cells: readonly number[]): string {
  const isMissing = builder.node('IsNaN', [constantRow(builder, cells)]);
  const usable = builder.node('Where', [isMissing, infinity(builder), distances]);
  const [nearest, order] = [builder.unique('nearest'), builder.unique('order')];
  builder.node(
    'TopK',
    [usable, builder.int64s([count], 'neighbors')],
    { axis: attribute.int(1), largest: attribute.int(0), sorted: attribute.int(1) },
    { outputs: [nearest, order] },
  );
  const found = builder.node('Less', [nearest, infinity(builder)]);
  const list = builder.constant('float64', [cells.length], Float64Array.from(cells), 'cells');
  const gathered = builder.node('Gather', [list, order], { axis: attribute.int(0) });
  const used = builder.node('Where', [found, gathered, scalar(builder, 0)]);
  const counted = builder.node('Where', [found, scalar(builder, 1), scalar(builder, 0)]);
  return builder.node('Div', [addSum(builder, used, count), addSum(builder, counted, count)]);
}

/** Sum over the columns from left to right: a reduction would add in an order of the runtime's own. */
function addSum(builder: GraphBuilder, values: string, count: number): string {
  const columns = Array.from({ length: count }, (_, place) =>
    builder.node('Gather', [values, builder.int64s([place], 'column')], { axis: attribute.int(1) }),
  );
  return columns.reduce((sum, column) => builder.node('Add', [sum, column]));
}

function constantRow(builder: GraphBuilder, values: readonly number[]): string {
  return builder.constant('float64', [1, values.length], Float64Array.from(values), 'reference');
}

function infinity(builder: GraphBuilder): string {
  return scalar(builder, Number.POSITIVE_INFINITY);
}

function scalar(builder: GraphBuilder, value: number): string {
  return builder.constant('float64', [1, 1], Float64Array.of(value), 'scalar');
}
