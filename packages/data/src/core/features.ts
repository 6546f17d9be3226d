/** Turns raw cells into features in JavaScript, bit for bit as the exported graph does. */
import { inputNumber } from './cell-format.js';
import {
  type ColumnPlan,
  categoryIndex,
  categoryPositions,
  featureNames,
  numberColumns,
  type PreprocessingPlan,
  textColumns,
  textWidth,
} from './plan.js';

/** What the model is given for a row, by position in the plan's columns: NaN is a missing number, text as of `textInput`. */
export type RawRow = readonly (number | string)[];

/** Writes features of rows. */
export class FeatureWriter {
  readonly width: number;
  /** Name of each feature. */
  readonly names: readonly string[];
  readonly #steps: readonly ((row: RawRow, out: Float32Array, at: number) => void)[];

  constructor(plan: PreprocessingPlan) {
    const position = new Map<ColumnPlan, number>(plan.columns.map((column, index) => [column, index]));
    const steps: ((row: RawRow, out: Float32Array, at: number) => void)[] = [];
    let width = 0;
    for (const column of numberColumns(plan)) {
      const source = position.get(column)!;
      const offset = width++;
      const { fill, center, scale } = column;
      const numberOf = inputNumber(column.format);
      steps.push((row, out, at) => {
        const cell = numberOf(row[source]!);
        const value = Number.isNaN(cell) && fill !== null ? fill : cell;
        out[at + offset] = (value - center) / scale;
      });
    }
    for (const column of textColumns(plan)) {
      const source = position.get(column)!;
      const offset = width;
      width += textWidth(column);
      const positions = categoryPositions(column);
      steps.push((row, out, at) => {
        const index = categoryIndex(column, positions, row[source] as string);
        if (column.encode === 'ordinal') out[at + offset] = index;
        else if (index >= 0) out[at + offset + index] = 1;
      });
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
