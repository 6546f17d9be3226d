/** Collects the label of every row: which class each has, and which rows have none that can be used. */
import { MAX_CLASSES } from '../limits.js';
import type { CellSample } from './column-scan.js';
import { classKey, groupsBy, type LabelCount, type LabelRule, labelError, orderClasses, spellingOf } from './labels.js';

/** Rows without a usable label that a message names. */
const NAMED_ROWS = 5;
const NONE = -1;

/** What the labels of all rows are. */
export interface ScannedLabels {
  /** Class names in index order. */
  readonly names: readonly string[];
  /** Class of each row; -1 where the row has none. */
  readonly classes: Int32Array;
}

/** Rows whose label cannot be used, in the order met. */
export class UnusableRows {
  count = 0;
  /** The first of them. */
  readonly first: number[] = [];
  #flags = new Uint8Array(1024);

  add(row: number): void {
    if (this.count++ < NAMED_ROWS) this.first.push(row);
    if (row >= this.#flags.length) {
      const larger = new Uint8Array(Math.max(row + 1, this.#flags.length * 2));
      larger.set(this.#flags);
      this.#flags = larger;
    }
    this.#flags[row] = 1;
  }

  has(row: number): boolean {
    return this.#flags[row] === 1;
  }
}

/** Labels of a classification. */
export class ClassScan {
  readonly unusable = new UnusableRows();
  readonly #column: string;
  readonly #rule: LabelRule;
  readonly #indices = new Map<string, number>();
  readonly #counts: number[] = [];
  #rows = new Int32Array(1024);
  #rowCount = 0;

  constructor(column: string, rule: LabelRule) {
    this.#column = column;
    this.#rule = rule;
  }

  /** Takes the label of the next row. @throws LockstepError DATA_LABEL where there are too many */
  add(cell: string | null): void {
    const row = this.#rowCount++;
    if (row >= this.#rows.length) {
      const larger = new Int32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    if (cell === null) this.unusable.add(row);
    this.#rows[row] = cell === null ? NONE : this.#index(spellingOf(cell, this.#rule));
  }

  /** Classes, the most frequent first, each by its most frequent spelling. */
  counts(): LabelCount[] {
    return this.#groups()
      .map((spellings) => ({ text: spellings[0]!.text, count: spellings.reduce((sum, { count }) => sum + count, 0) }))
      .sort(byCount);
  }

  /** The classes in their order. @param arrange changes that order */
  result(arrange: (names: string[]) => readonly string[] = (names) => names): ScannedLabels {
    const groups = this.#groups();
    const names = arrange(orderClasses(groups.map(([spelling]) => spelling!.text)));
    const classOf = new Int32Array(this.#counts.length);
    for (const group of groups) {
      for (const { text } of group) classOf[this.#indices.get(text)!] = names.indexOf(group[0]!.text);
    }
    const rows = this.#rows.subarray(0, this.#rowCount);
    return { names, classes: rows.map((index) => (index === NONE ? NONE : classOf[index]!)) };
  }

  /** Spellings by class, the most frequent of each first. */
  #groups(): LabelCount[][] {
    const spellings = [...this.#indices].map(([text, index]) => ({ text, count: this.#counts[index]! }));
    return groupsBy(spellings.sort(byCount), ({ text }) => classKey(text, this.#rule));
  }

  #index(spelling: string): number {
    const known = this.#indices.get(spelling);
    if (known !== undefined) {
      this.#counts[known]!++;
      return known;
    }
    if (this.#counts.length === MAX_CLASSES) {
      throw labelError(
        this.#column,
        `The label ${this.#column} has more than ${MAX_CLASSES} classes.`,
        spelling,
        'Use loss: mse for a number, or another label.',
      );
    }
    this.#indices.set(spelling, this.#counts.length);
    this.#counts.push(1);
    return this.#counts.length - 1;
  }
}

/** Labels of a regression. */
export class TargetScan {
  readonly unusable = new UnusableRows();
  /** First number that float32, in which targets are, cannot hold. */
  tooLarge: CellSample | null = null;
  #rowCount = 0;

  /** Takes the number of the next row; NaN where it has none. */
  add(target: number): void {
    const row = this.#rowCount++;
    if (Number.isFinite(Math.fround(target))) return;
    this.unusable.add(row);
    if (Number.isFinite(target)) this.tooLarge ??= { row, text: String(target) };
  }
}

function byCount(a: LabelCount, b: LabelCount): number {
  return b.count - a.count || (a.text < b.text ? -1 : 1);
}
