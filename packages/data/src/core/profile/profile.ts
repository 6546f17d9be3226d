/** What `lockstep profile` knows of a table, as plain JSON. */

/** A bar of a histogram: numbers from `from` to `to`, or one value. */
export interface Bar {
  readonly label: string;
  readonly rows: number;
}

/** Numbers of a column. */
export interface NumberProfile {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Population deviation. */
  readonly deviation: number;
  /** Quantiles 5, 25, 50, 75 and 95 %, from the sample. */
  readonly quantiles: readonly [number, number, number, number, number];
}

/** One column. */
export interface ColumnProfile {
  readonly name: string;
  /** The type that training would take. */
  readonly type: string;
  /** Why training would refuse the column as it is; '' where it would not. */
  readonly problem: string;
  readonly missing: number;
  /** Different values: exact up to 1,000, about right (1.6 %) beyond. */
  readonly distinct: number;
  readonly numbers: NumberProfile | null;
  /** Rows of the sample by ranges of numbers, or by most frequent values. */
  readonly bars: readonly Bar[];
}

/** Two columns that say much of each other. */
export interface Association {
  readonly left: string;
  readonly right: string;
  /** Correlation of numbers (Pearson), or V of categories (Cramer). */
  readonly measure: 'pearson' | 'cramersV';
  readonly value: number;
}

/** Kinds of findings, the gravest first. */
export const FINDING_KINDS = [
  'unusable',
  'empty',
  'leakage',
  'labelMissing',
  'sameLabel',
  'constant',
  'identifier',
  'duplicateRows',
  'rareClass',
  'correlated',
  'manyCategories',
  'sameValue',
  'missing',
  'farOutliers',
] as const;

/** Something to act on. */
export interface Finding {
  readonly kind: (typeof FINDING_KINDS)[number];
  /** '' where it is about the whole table. */
  readonly column: string;
  /** What was found, with the rule that found it. */
  readonly message: string;
  /** What to do: a line of the spec where `yaml` is not ''. */
  readonly fix: string;
  /** Line for the spec, for example `data: { ignore: [id] }`; '' where only the table can be mended. */
  readonly yaml: string;
}

/** A profiled table. */
export interface TableProfile {
  readonly name: string;
  readonly rowCount: number;
  /** Rows that quantiles, bars and associations are made from, evenly spaced. */
  readonly sampleRows: number;
  readonly columns: readonly ColumnProfile[];
  /** Rows that repeat an earlier one in every cell. */
  readonly duplicateRows: { readonly rows: number; readonly isExact: boolean };
  readonly label: string | null;
  /** Rows of each class, most frequent first; empty where the label has too many values for classes or is not given. */
  readonly classes: readonly Bar[];
  /** The strongest of all pairs, strongest first. */
  readonly associations: readonly Association[];
  /** The gravest first. */
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}
