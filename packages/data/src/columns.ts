/** Column names: the checks of a header, and the error for a name that does not exist. */
import { LockstepError } from '@lockstep/protocol/core';
import { distance } from 'fastest-levenshtein';
import { looksNumeric } from './core/cell-kind.js';
import { MAX_COLUMNS } from './limits.js';
import { emptyFile } from './source-file.js';

/** Names that a message lists at most. */
const LISTED_NAMES = 20;

/** A name as messages show it: quoted where its edges could not be seen otherwise. */
export function shownName(name: string): string {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_./-]*$/u.test(name) ? name : JSON.stringify(name);
}

/** What the names in a header stand for. */
export interface HeaderPlaces {
  /** Place of each column in a record, in order. */
  readonly named: ReadonlyMap<string, number>;
  /** Places that have no name, as where every line ends with a delimiter. */
  readonly unnamed: readonly number[];
}

/** Finds the columns of a header. @throws LockstepError DATA_TOO_LARGE, DATA_VALUE, DATA_UNREADABLE */
export function headerPlaces(names: readonly string[], fileName: string): HeaderPlaces {
  if (names.length > MAX_COLUMNS) {
    throw new LockstepError('DATA_TOO_LARGE', {
      message: `${fileName} has ${names.length} columns, at most ${MAX_COLUMNS}.`,
      field: 'data.path',
      value: String(names.length),
      fix: `Keep the columns that matter, ${MAX_COLUMNS} at most.`,
    });
  }
  if (names.length === 0) throw emptyFile(fileName, 'has no columns');
  const broken = names.find((name) => name.includes('\0'));
  if (broken !== undefined) {
    throw new LockstepError('DATA_UNREADABLE', {
      message: `${fileName} has a column with the character NUL (U+0000) in its name: ${shownName(broken)}.`,
      field: 'data.path',
      value: broken,
      fix: 'Rename it.',
    });
  }
  if (names.every((name) => name.trim() === '' || looksNumeric(name))) throw noHeader(names, fileName);
  const named = new Map<string, number>();
  const unnamed: number[] = [];
  names.forEach((name, place) => {
    const first = named.get(name);
    if (first !== undefined) {
      throw new LockstepError('DATA_UNREADABLE', {
        message: `${fileName} has two columns named ${shownName(name)}: columns ${first + 1} and ${place + 1}.`,
        field: 'data.path',
        value: name,
        fix: 'Rename one of them: columns are found by name.',
      });
    }
    if (name.trim() === '') unnamed.push(place);
    else named.set(name, place);
  });
  return { named, unnamed };
}

/** Refuses a file whose columns are not those of the first one, in any order. @throws LockstepError DATA_COLUMN_NOT_FOUND */
export function checkSameColumns(
  columns: readonly string[],
  firstName: string,
  named: ReadonlyMap<string, number>,
  fileName: string,
): void {
  const lacks = columns.filter((name) => !named.has(name));
  const extra = [...named.keys()].filter((name) => !columns.includes(name));
  if (lacks.length === 0 && extra.length === 0) return;
  const listed = (names: readonly string[]): string =>
    `${names.slice(0, LISTED_NAMES).map(shownName).join(', ')}${names.length > LISTED_NAMES ? ', ...' : ''}`;
  const what = [lacks.length > 0 ? `lacks ${listed(lacks)}` : '', extra.length > 0 ? `adds ${listed(extra)}` : ''];
  throw new LockstepError('DATA_COLUMN_NOT_FOUND', {
    message: `${fileName} has other columns than ${firstName}: it ${what.filter(Boolean).join(' and ')}.`,
    field: 'data.path',
    value: fileName,
    fix: 'Give files with the same columns, in any order, or name those that belong together in data.path.',
  });
}

/** The error for a column that has cells and no name. @param place 0-based */
export function unnamedColumn(place: number, fileName: string): LockstepError {
  return new LockstepError('DATA_UNREADABLE', {
    message: `Column ${place + 1} of ${fileName} has cells, but no name in the header.`,
    field: 'data.path',
    value: `column ${place + 1}`,
    fix: 'Name it in the header, or remove it: pandas writes its index so, unless to_csv is told index=False.',
  });
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
  const numeric = columns.filter(looksNumeric).length;
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
