/** Finds the parts of a resolved spec that contradict each other. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import { checkCleaning } from './contradictions/cleaning.js';
import { checkColumns } from './contradictions/columns.js';
import type { Add } from './contradictions/contradiction.js';
import { checkDataSource } from './contradictions/data-source.js';
import { checkDates } from './contradictions/dates.js';
import { checkEarlyStopping } from './contradictions/early-stopping.js';
import { checkOutputLayer } from './contradictions/output-layer.js';
import { checkTraining } from './contradictions/training.js';
import { checkWorkers } from './contradictions/workers.js';
import { type Subject, showValue } from './problem-words.js';
import type { ResolvedJobSpec } from './schema.js';
import { formatPath, valueAt } from './spec-path.js';

/** Every contradiction, with the place of the key to change. */
export function contradictions(spec: ResolvedJobSpec, subject: Subject): ErrorProblem[] {
  const { positions } = subject;
  const found: ErrorProblem[] = [];
  const add: Add = (path, value, message, suggestion, code = 'SPEC_CONTRADICTION') => {
    const place = positions.value(path) ?? positions.nearest(path);
    found.push({ path: formatPath(path), ...place, code, message, value: showValue(value), suggestion });
  };
  checkDataSource(spec, add);
  checkDates(spec, add);
  checkTraining(spec, add);
  checkEarlyStopping(spec, add);
  checkWorkers(spec, add);
  checkColumns(spec, add);
  checkCleaning(spec, add);
  checkTableFill(spec, subject, add);
  checkOutputLayer(spec, add);
  return found;
}

/** A fill for the whole table that was written but no column can use. */
function checkTableFill({ preprocess }: ResolvedJobSpec, { root }: Subject, add: Add): void {
  const columns = Object.values(preprocess.columns);
  if (columns.some(({ missing, fill }) => missing === 'constant' && fill === undefined)) return;
  const pairs = [
    ['fill', 'missing', preprocess.missing],
    ['fillText', 'missingText', preprocess.missingText],
  ] as const;
  for (const [key, by, value] of pairs) {
    const written = valueAt(root, ['preprocess', key]);
    // A resolved spec spells out the defaults, which nobody meant.
    if (written === undefined || written === DEFAULT_FILLS[key] || value === 'constant') continue;
    const message = `${key} is never used with ${by}: ${value}`;
    add(['preprocess', key], written, message, `Set ${by}: constant, or remove ${key}.`);
  }
}

const DEFAULT_FILLS = { fill: 0, fillText: 'missing' } as const;
