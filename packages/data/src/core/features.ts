/** Turns raw cells into features in JavaScript, bit for bit as the exported graph does. */
import { inputNumber } from './cell-format.js';
import { isIsolated } from './isolation-forest.js';
import { NeighborFinder } from './neighbors.js';
import { cut, isOutside } from './outliers.js';
import {
  type ColumnPlan,
  categoryIndex,
  categoryPositions,
  featureNames,
  flaggedColumns,
  indicatedColumns,
  type NumberColumnPlan,
  numberColumns,
  type PreprocessingPlan,
  type TextColumnPlan,
  textColumns,
  textWidth,
} from './plan.js';
import { rankOf } from './quantiles.js';
import { MISSING_TEXT } from './text-cell.js';

/** What the model is given for a row, by position in the plan's columns: NaN is a missing number, text as of `textInput`. */
export type RawRow = readonly (number | string)[];

/** Writes part of a row's features. */
type Step = (row: RawRow, out: Float32Array, at: number) => void;

/** Writes features of rows. */
export class FeatureWriter {
  readonly width: number;
  /** Name of each feature. */
  readonly names: readonly string[];
  readonly #steps: readonly Step[];

  constructor(plan: PreprocessingPlan) {
    const source = placesOf(plan.columns);
    const columns = numberColumns(plan);
    const numbers = new Float64Array(columns.length);
    const steps: Step[] = [readNumbers(columns, columns.map(source), numbers), writeNumbers(plan, columns, numbers)];
    let width = columns.length;
    for (const column of textColumns(plan)) {
      steps.push(writeText(column, source(column), width));
      width += textWidth(column);
    }
    const addFeature = (isOne: (row: RawRow) => boolean): void => {
      const offset = width++;
      steps.push((row, out, at) => {
        out[at + offset] = isOne(row) ? 1 : 0;
      });
    };
    const numberPlace = placesOf(columns);
    for (const column of indicatedColumns(plan)) {
      const [at, place] = [source(column), column.type === 'number' ? numberPlace(column) : -1];
      addFeature((row) => (place >= 0 ? Number.isNaN(numbers[place]) : row[at] === MISSING_TEXT));
    }
    for (const column of flaggedColumns(plan)) {
      const place = numberPlace(column);
      addFeature(() => isOutside(column.flag, numbers[place]!));
    }
    const { forest } = plan;
    if (forest) {
      const places = forest.columns.map((name) => numberPlace({ name }));
      addFeature(() =>
        isIsolated(
          forest,
          places.map((place) => numbers[place]!),
        ),
      );
    }
    this.width = width;
    this.names = featureNames(plan);
    this.#steps = steps;
  }

  /** Writes one row's features at `at`; the place must hold zeros. */
  write(row: RawRow, out: Float32Array, at: number): void {
    for (const step of this.#steps) step(row, out, at);
  }
}

function placesOf(columns: readonly ColumnPlan[]): (column: Pick<ColumnPlan, 'name'>) => number {
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  return ({ name }) => places.get(name)!;
}

/** Keeps a row's numbers as they are in the file, for the steps that follow. */
function readNumbers(columns: readonly NumberColumnPlan[], sources: readonly number[], numbers: Float64Array): Step {
  const readers = columns.map(({ format }) => inputNumber(format));
  return (row) => {
    for (let index = 0; index < sources.length; index++) numbers[index] = readers[index]!(row[sources[index]!]!);
  };
}

/** All numbers of a row: cut to bounds, filled from neighbors, filled, scaled. */
function writeNumbers(plan: PreprocessingPlan, columns: readonly NumberColumnPlan[], numbers: Float64Array): Step {
  const finder = plan.neighbors ? new NeighborFinder(plan.neighbors) : null;
  const values = new Float64Array(columns.length);
  return (_row, out, at) => {
    for (let index = 0; index < columns.length; index++) {
      const { clip } = columns[index]!;
      values[index] = clip ? cut(clip, numbers[index]!) : numbers[index]!;
    }
    finder?.fill(values);
    for (let index = 0; index < columns.length; index++) {
      const { fill, center, scale, ranks } = columns[index]!;
      const value = Number.isNaN(values[index]) && fill !== null ? fill : values[index]!;
      out[at + index] = ranks ? rankOf(ranks, value) : (value - center) / scale;
    }
  };
}

function writeText(column: TextColumnPlan, source: number, offset: number): Step {
  const positions = categoryPositions(column);
  return (row, out, at) => {
    const index = categoryIndex(column, positions, row[source] as string);
    if (column.encode === 'ordinal') out[at + offset] = index;
    else if (index >= 0) out[at + offset + index] = 1;
  };
}
