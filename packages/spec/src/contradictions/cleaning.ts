/** Settings of outliers, rare categories and missing cells have to do something. */
import type { PreprocessSpec, ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Neighbors that the schema fills in. */
const DEFAULT_NEIGHBORS = 5;

/** Checks the cleaning in `preprocess`, of the whole table and of each column. */
export function checkCleaning({ preprocess }: ResolvedJobSpec, add: Add): void {
  checkOutliers(preprocess, add);
  checkRare(preprocess, add);
  checkIndicators(preprocess, add);
  const { neighbors } = preprocess;
  if (neighbors !== DEFAULT_NEIGHBORS && !strategies(preprocess).includes('knn')) {
    const message = `neighbors is never used with missing: ${preprocess.missing}`;
    add(['preprocess', 'neighbors'], neighbors, message, 'Set missing: knn, or remove neighbors.');
  }
}

/** The strategy of the table and those of its columns. */
function strategies({ missing, columns }: PreprocessSpec): readonly string[] {
  return [missing, ...Object.values(columns).flatMap((column) => column.missing ?? [])];
}

function checkOutliers({ outliers, columns }: PreprocessSpec, add: Add): void {
  const path = ['preprocess', 'outliers'];
  if (outliers?.method === 'isolationForest') {
    const { action, threshold = 0 } = outliers;
    if (action === 'clip') {
      const message = 'An isolation forest judges whole rows, so that no value has a bound to be cut to';
      add([...path, 'action'], action, message, 'Set action: flag or drop, or method: iqr or zScore.');
    }
    if (threshold >= 1) {
      const message = 'The scores of an isolation forest lie below 1, so that no row is an outlier';
      add([...path, 'threshold'], threshold, message, 'Give a threshold between 0 and 1, or leave out threshold.');
    }
  }
  for (const [name, column] of Object.entries(columns)) {
    const own = column.outliers;
    if (own?.method !== 'none' || own.threshold === undefined) continue;
    const at = ['preprocess', 'columns', name, 'outliers', 'threshold'];
    add(at, own.threshold, 'threshold is never used with method: none', 'Remove threshold.');
  }
}

function checkRare({ minFrequency, unknown, columns }: PreprocessSpec, add: Add): void {
  const settings = Object.entries(columns);
  checkFrequency(['preprocess', 'minFrequency'], minFrequency, add);
  for (const [name, own] of settings) {
    const path = ['preprocess', 'columns', name];
    checkFrequency([...path, 'minFrequency'], own.minFrequency, add);
    if (own.unknown === 'rare' && (own.minFrequency ?? minFrequency) === undefined) addNoRare(path, add);
  }
  if (unknown !== 'rare' || minFrequency !== undefined) return;
  if (settings.every(([, own]) => own.minFrequency === undefined)) addNoRare(['preprocess'], add);
}

function addNoRare(path: readonly string[], add: Add): void {
  const message = 'unknown: rare needs rare categories, and without minFrequency there are none';
  add([...path, 'unknown'], 'rare', message, 'Give minFrequency, or set unknown: other.');
}

function checkFrequency(path: readonly string[], value: number | undefined, add: Add): void {
  if (value === undefined || value < 1 || (value > 1 && Number.isInteger(value))) return;
  const message = value === 1 ? 'Every category is met once, so that minFrequency: 1 does nothing' : 'It is no count';
  add(path, value, message, 'Give a whole number from 2 on, or a fraction of the rows below 1.');
}

/** Rows with a missing cell are gone under `drop`, and `category` is an indicator already. */
function checkIndicators({ indicator, missing, missingText, columns }: PreprocessSpec, add: Add): void {
  const isIdle = (strategy: string | undefined): boolean => strategy === 'drop' || strategy === 'category';
  const settings = Object.entries(columns);
  for (const [name, own] of settings) {
    if (!own.indicator || !isIdle(own.missing)) continue;
    const at = ['preprocess', 'columns', name, 'indicator'];
    add(at, true, `indicator adds nothing to missing: ${own.missing}`, 'Remove indicator, or change missing.');
  }
  if (!indicator || !isIdle(missing) || !isIdle(missingText)) return;
  if (settings.some(([, own]) => own.missing !== undefined && !isIdle(own.missing))) return;
  const message = `indicator adds nothing to missing: ${missing} and missingText: ${missingText}`;
  add(['preprocess', 'indicator'], true, message, 'Remove indicator, or change missing or missingText.');
}
