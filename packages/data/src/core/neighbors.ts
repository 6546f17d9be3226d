/**
 * Imputation by the nearest rows, as scikit-learn's KNNImputer after StandardScaler: distances over what both rows have
 * (nan_euclidean_distances), each column by its own deviation, and the plain mean of the nearest rows that have a value.
 */

/** Fitted neighbors: rows of the training part that others are compared with. */
export interface Neighbors {
  /** How many are averaged. */
  readonly count: number;
  /** Numeric columns that distances are made of, in file order. */
  readonly columns: readonly string[];
  /** Deviation that each of them is divided by. */
  readonly deviations: readonly number[];
  /** Columns that are filled so. */
  readonly filled: readonly string[];
  /** Reference rows, in file order; null is missing. */
  readonly rows: readonly (readonly (number | null)[])[];
}

/** Finds values for missing cells. */
export class NeighborFinder {
  readonly #neighbors: Neighbors;
  /** Per column, values of all reference rows, divided by the deviation. */
  readonly #scaled: readonly Float64Array[];
  readonly #distances: Float64Array;
  readonly #shared: Float64Array;

  constructor(neighbors: Neighbors) {
    const { columns, deviations, rows } = neighbors;
    this.#neighbors = neighbors;
    this.#scaled = columns.map((_, column) =>
      Float64Array.from(rows, (row) => (row[column] ?? Number.NaN) / deviations[column]!),
    );
    this.#distances = new Float64Array(rows.length);
    this.#shared = new Float64Array(rows.length);
  }

  /** Fills missing cells of the columns that want it, where a neighbor has a value. @param values per column of the neighbors */
  fill(values: Float64Array): void {
    const { columns, filled } = this.#neighbors;
    const wanted = filled.map((name) => columns.indexOf(name)).filter((column) => Number.isNaN(values[column]!));
    if (wanted.length === 0) return;
    this.#measure(values);
    const found = wanted.map((column) => this.#mean(column));
    wanted.forEach((column, index) => {
      if (found[index] !== null) values[column] = found[index]!;
    });
  }

  /** Fills missing cells of rows that stand by column. */
  fillRows(columns: readonly Float64Array[]): void {
    const values = new Float64Array(columns.length);
    const rowCount = columns[0]?.length ?? 0;
    for (let row = 0; row < rowCount; row++) {
      columns.forEach((column, at) => {
        values[at] = column[row]!;
      });
      this.fill(values);
      columns.forEach((column, at) => {
        column[row] = values[at]!;
      });
    }
  }

  /** Squared distances to all reference rows; infinite to those that share nothing. */
  #measure(values: Float64Array): void {
    const { deviations } = this.#neighbors;
    this.#distances.fill(0);
    this.#shared.fill(0);
    this.#scaled.forEach((reference, column) => {
      const value = values[column]! / deviations[column]!;
      if (Number.isNaN(value)) return;
      for (let row = 0; row < reference.length; row++) {
        const difference = value - reference[row]!;
        if (Number.isNaN(difference)) continue;
        this.#distances[row]! += difference * difference;
        this.#shared[row]! += 1;
      }
    });
    for (let row = 0; row < this.#distances.length; row++) {
      const shared = this.#shared[row]!;
      this.#distances[row] =
        shared === 0 ? Number.POSITIVE_INFINITY : (this.#distances[row]! * this.#scaled.length) / shared;
    }
  }

  /** Mean of the nearest rows that have the column; of equally near ones the first count. Null where none is near. */
  #mean(column: number): number | null {
    const { count, rows } = this.#neighbors;
    const nearest: number[] = [];
    for (let row = 0; row < rows.length; row++) {
      const distance = this.#distances[row]!;
      if (rows[row]![column] === null || distance === Number.POSITIVE_INFINITY) continue;
      if (nearest.length === count && distance >= this.#distances[nearest[count - 1]!]!) continue;
      let place = nearest.length;
      while (place > 0 && this.#distances[nearest[place - 1]!]! > distance) place--;
      nearest.splice(place, 0, row);
      if (nearest.length > count) nearest.pop();
    }
    if (nearest.length === 0) return null;
    return nearest.reduce((sum, row) => sum + rows[row]![column]!, 0) / nearest.length;
  }
}
