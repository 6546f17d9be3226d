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

/**
 * What the model is given for some rows, by position in the plan's columns: NaN is a missing number, text as of
 * `textInput`.
 */
export type RawColumns = readonly (Float64Array | readonly string[])[];

/** Rows whose features are written. */
interface Rows {
  readonly raw: RawColumns;
  /** Numbers of the numeric columns as they are in the file. */
  readonly numbers: readonly Float64Array[];
  readonly rowCount: number;
}

/** Writes some features of all rows; `out` has `width` of a row. */
type Step = (rows: Rows, out: Float32Array, width: number) => void;

/** Writes features of rows. */
export class FeatureWriter {
  readonly width: number;
  /** Name of each feature. */
  readonly names: readonly string[];
  readonly #readNumbers: (raw: RawColumns) => Float64Array[];
  readonly #steps: readonly Step[];

  constructor(plan: PreprocessingPlan) {
    const source = placesOf(plan.columns);
    const columns = numberColumns(plan);
    const steps: Step[] = [writeNumbers(plan, columns)];
    let width = columns.length;
    for (const column of textColumns(plan)) {
      steps.push(writeText(column, source(column), width));
      width += textWidth(column);
    }
    const addFeature = (isOne: (rows: Rows, row: number) => boolean): void => {
      const offset = width++;
      steps.push((rows, out, rowWidth) => {
        for (let row = 0; row < rows.rowCount; row++) out[row * rowWidth + offset] = isOne(rows, row) ? 1 : 0;
      });
    };
    const numberPlace = placesOf(columns);
    for (const column of indicatedColumns(plan)) {
      if (column.type === 'number') {
        const place = numberPlace(column);
        addFeature(({ numbers }, row) => Number.isNaN(numbers[place]![row]));
      } else {
        const at = source(column);
        addFeature(({ raw }, row) => raw[at]![row] === MISSING_TEXT);
      }
    }
    for (const column of flaggedColumns(plan)) {
      const place = numberPlace(column);
      addFeature(({ numbers }, row) => isOutside(column.flag, numbers[place]![row]!));
    }
    const { forest } = plan;
    if (forest) {
      const places = forest.columns.map((name) => numberPlace({ name }));
      addFeature(({ numbers }, row) =>
        isIsolated(
          forest,
          places.map((place) => numbers[place]![row]!),
        ),
      );
    }
    this.width = width;
    this.names = featureNames(plan);
    this.#readNumbers = numbersReader(columns, columns.map(source));
    this.#steps = steps;
  }

  /** Features of rows, [rows, width]. */
  write(raw: RawColumns, rowCount: number): Float32Array {
    const out = new Float32Array(rowCount * this.width);
    const rows = { raw, numbers: this.#readNumbers(raw), rowCount };
    for (const step of this.#steps) step(rows, out, this.width);
    return out;
  }
}

function placesOf(columns: readonly ColumnPlan[]): (column: Pick<ColumnPlan, 'name'>) => number {
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  return ({ name }) => places.get(name)!;
}

/** Reads the numbers of numeric columns as they are in the file. */
function numbersReader(
  columns: readonly NumberColumnPlan[],
  sources: readonly number[],
): (raw: RawColumns) => Float64Array[] {
  return (raw) =>
    columns.map(({ format }, index) => {
      const inputs = raw[sources[index]!]!;
      return format.type === 'number' ? (inputs as Float64Array) : Float64Array.from(inputs, inputNumber(format));
    });
}

/** All numbers: cut to bounds, filled from neighbors, filled, scaled. */
function writeNumbers(plan: PreprocessingPlan, columns: readonly NumberColumnPlan[]): Step {
  const finder = plan.neighbors ? new NeighborFinder(plan.neighbors) : null;
  return ({ numbers }, out, width) => {
    const values = columns.map(({ clip }, index) => {
      if (clip) return numbers[index]!.map((value) => cut(clip, value));
      return finder ? numbers[index]!.slice() : numbers[index]!;
    });
    finder?.fillRows(values);
    columns.forEach((column, offset) => {
      writeNumber(column, values[offset]!, out, offset, width);
    });
  };
}

function writeNumber(
  { fill, center, scale, ranks }: NumberColumnPlan,
  values: Float64Array,
  out: Float32Array,
  offset: number,
  width: number,
): void {
  for (let row = 0, at = offset; row < values.length; row++, at += width) {
    const value = Number.isNaN(values[row]) && fill !== null ? fill : values[row]!;
    out[at] = ranks ? rankOf(ranks, value) : (value - center) / scale;
  }
}

function writeText(column: TextColumnPlan, source: number, offset: number): Step {
  const positions = categoryPositions(column);
  const featureCount = textWidth(column);
  return ({ raw, rowCount }, out, width) => {
    const texts = raw[source] as readonly string[];
    for (let row = 0, at = offset; row < rowCount; row++, at += width) {
      if (column.drop && texts[row] === MISSING_TEXT) {
        out.fill(Number.NaN, at, at + featureCount);
        continue;
      }
      const index = categoryIndex(column, positions, texts[row]!);
      if (column.encode === 'ordinal') out[at] = index;
      else if (index >= 0) out[at + index] = 1;
    }
  };
}
