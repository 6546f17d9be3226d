/** Looks at how the classes fell into training and test. */
import { labelError } from './core/labels.js';
import { Part } from './core/split.js';
import type { TableScan } from './scan-table.js';

/** Classes that a warning names. */
const NAMED_CLASSES = 5;

/**
 * Refuses a split that leaves a class without training rows.
 * @returns warnings about classes that the test metrics cannot cover
 * @throws LockstepError DATA_LABEL
 */
export function checkClassCoverage(label: string, { labels, classes }: TableScan, parts: Uint8Array): string[] {
  if (!labels || !classes) return [];
  const training = new Uint32Array(labels.length);
  const test = new Uint32Array(labels.length);
  parts.forEach((part, row) => {
    if (part === Part.train) training[classes[row]!]!++;
    else if (part === Part.test) test[classes[row]!]!++;
  });
  const absent = labels.find((_, index) => training[index] === 0);
  if (absent !== undefined) {
    throw labelError(
      label,
      `The label ${label} has no training rows of the class ${JSON.stringify(absent)}.`,
      absent,
      'Let split.stratify divide the rows, which gives every class to training, and keep rows of it that are not dropped.',
    );
  }
  const untested = labels.filter((_, index) => test[index] === 0);
  if (untested.length === 0 || !parts.includes(Part.test)) return [];
  const named = untested.slice(0, NAMED_CLASSES).map((name) => JSON.stringify(name));
  const rest = untested.length > NAMED_CLASSES ? ` and ${untested.length - NAMED_CLASSES} more` : '';
  const which = untested.length === 1 ? `class ${named[0]} has` : `classes ${named.join(', ')}${rest} have`;
  return [`The ${which} no test rows: all of them are used for training, and test metrics say nothing about them.`];
}
