/** Column names: the checks of a header, and the error for a name that does not exist. */
import { LockstepError } from '@lockstep/protocol/core';
import { distance } from 'fastest-levenshtein';
import { classifyCell } from './core/number.js';
import { MAX_COLUMNS } from './limits.js';

/** Names that a message lists at most. */
const LISTED_NAMES = 20;

/** A name as messages show it: quoted where its edges could not be seen otherwise. */
export function shownName(name: string): string {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_./-]*$/u.test(name) ? name : JSON.stringify(name);
}

/** Refuses a header that cannot name columns. @throws LockstepError DATA_TOO_LARGE, DATA_VALUE, DATA_UNREADABLE */
export function checkHeader(names: readonly string[], fileName: string): void {
  if (names.length > MAX_COLUMNS) {
    throw new LockstepError('DATA_TOO_LARGE', {
      message: `${fileName} has ${names.length} columns, at most ${MAX_COLUMNS}.`,
      field: 'data.path',
      value: String(names.length),
      fix: `Keep the columns that matter, ${MAX_COLUMNS} at most.`,
    });
  }
  if (names.every((name) => classifyCell(name) !== 'text')) throw noHeader(names, fileName);
  const refuse = (message: string, value: string, fix: string): LockstepError =>
    new LockstepError('DATA_UNREADABLE', { message, field: 'data.path', value, fix });
  const blank = names.findIndex((name) => name.trim() === '');
  if (blank >= 0) {
    throw refuse(
      `Column ${blank + 1} of ${fileName} has no name (line 1).`,
      `column ${blank + 1}`,
      'Name it in the header; where every line ends with a delimiter, remove those.',
    );
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw refuse(`${fileName} has two columns named ${shownName(name)} (line 1).`, name, 'Rename one of them.');
    }
    seen.add(name);
  }
}

/** The error for a file whose first line looks like data. */
export function noHeader(names: readonly string[], fileName: string): LockstepError {
  const start = names.slice(0, 3).join(', ');
  return new LockstepError('DATA_VALUE', {
    message: `${fileName} has no header: its first line looks like a row (${start}${names.length > 3 ? ', ...' : ''}).`,
    field: 'data.path',
    value: start,
    fix: 'Add a first line with the column names.',
  });
}

/** The nearest of some names to one that does not exist, or undefined where none is near. */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const plain = (name: string): string => name.trim().toLowerCase();
  const ranked = names
    .map((name) => ({ name, far: distance(plain(wanted), plain(name)) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best && best.far <= Math.min(Math.max(2, wanted.length / 3), wanted.length - 1) ? best.name : undefined;
}

/** The error for a column that is not in the file; says so where the file seems to have no header at all. */
export function columnNotFound(
  field: string,
  wanted: string,
  columns: readonly string[],
  fileName: string,
): LockstepError {
  const numeric = columns.filter((name) => classifyCell(name) !== 'text').length;
  if (numeric > columns.length / 2) return noHeader(columns, fileName);
  const near = nearestName(wanted, columns);
  const listed = columns.slice(0, LISTED_NAMES).map(shownName).join(', ');
  const rest = columns.length > LISTED_NAMES ? `, and ${columns.length - LISTED_NAMES} more` : '';
  return new LockstepError('DATA_COLUMN_NOT_FOUND', {
    message: `${fileName} has no column ${shownName(wanted)}.${near ? ` Did you mean ${shownName(near)}?` : ''}`,
    field,
    value: wanted,
    fix: `${near ? `Use ${shownName(near)}.` : 'Use one that is there.'} Columns: ${listed}${rest}.`,
  });
}

/** The error for columns, given by the key that names each, that are not in the file. */
export function columnsNotFound(
  absent: readonly (readonly [field: string, name: string])[],
  columns: readonly string[],
  fileName: string,
): LockstepError {
  const errors = absent.map(([field, name]) => columnNotFound(field, name, columns, fileName));
  const [first] = errors;
  if (!first) throw new Error('no column is absent');
  if (errors.length === 1 || first.code !== 'DATA_COLUMN_NOT_FOUND') return first;
  return new LockstepError(first.code, {
    message: `${fileName} lacks ${errors.length} columns that the spec names.`,
    field: first.field,
    value: first.value,
    fix: first.fix,
    problems: errors.map(({ code, field, value, message, fix }) => ({
      ...{ code, path: field, message, value, suggestion: fix },
    })),
  });
}
