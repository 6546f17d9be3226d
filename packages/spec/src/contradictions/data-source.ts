/** Data that is not read yet, and columns that are named twice. */
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks where the data comes from and what its columns are for. */
export function checkDataSource({ data, task, train }: ResolvedJobSpec, add: Add): void {
  const path = data.path.toLowerCase();
  const kinds: readonly [RegExp, string][] = [
    [/\.(xlsx?|ods)$/, 'spreadsheets'],
    [/\.(arrow|feather)$/, 'Arrow files'],
    [/\.(zst|bz2|xz|zip)$/, 'files packed otherwise than with gzip'],
    [/\.(png|jpe?g|gif|bmp|webp)$/, 'images'],
    [/^[a-z0-9]+:\/\//, 'remote addresses'],
  ];
  const found = kinds.find(([pattern]) => pattern.test(path));
  if (found)
    add(
      ['data', 'path'],
      data.path,
      `${found[1]} are not read yet`,
      'Give CSV, Parquet or JSON lines: a file, a folder or a pattern.',
      'SPEC_NOT_YET',
    );
  if (data.quote === data.delimiter) {
    add(
      ['data', 'quote'],
      data.quote,
      'One character cannot stand both between and around cells',
      'Change one of them.',
    );
  }
  if (data.decimal === data.thousands) {
    add(['data', 'thousands'], data.thousands, 'Decimals and thousands have the same sign', 'Change one of them.');
  }
  if (data.labels.positive !== undefined && task !== 'binary') {
    const message = `${train.loss} has no positive class`;
    add(['data', 'labels', 'positive'], data.labels.positive, message, 'Remove data.labels.positive.');
  }
  if (data.labels.foldCase && task === 'regression') {
    const message = `${train.loss} predicts a number, which has no case`;
    add(['data', 'labels', 'foldCase'], true, message, 'Remove data.labels.foldCase.');
  }
  if (data.weight === data.label) {
    add(['data', 'weight'], data.weight, 'The label cannot weigh the rows', 'Remove data.weight.');
  }
  if (train.classWeights !== undefined && task === 'regression') {
    const message = `${train.loss} predicts a number, and has no classes to weigh`;
    add(['train', 'classWeights'], train.classWeights, message, 'Remove it, or weigh rows with data.weight.');
  }
  if (data.ignore.includes(data.label)) {
    add(['data', 'ignore'], data.label, 'The label is among the ignored columns', 'Remove it from data.ignore.');
  }
}
