/** Dates: formats, time zone and parts that contradict the types. */

import { nearest } from '../nearest.js';
import { ofColumn } from '../of-column.js';
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks the time zone, and that only columns of dates have formats and parts. */
export function checkDates({ data, preprocess }: ResolvedJobSpec, add: Add): void {
  if (!isTimeZone(data.timeZone)) {
    const near = nearest(data.timeZone, Intl.supportedValuesOf('timeZone'));
    const fix = `${near ? `Did you mean ${near}? ` : ''}Use an IANA name such as Europe/Berlin, or UTC.`;
    add(['data', 'timeZone'], data.timeZone, `There is no time zone ${data.timeZone}`, fix, 'SPEC_VALUE');
  }
  const typeOf = (name: string): string | undefined => ofColumn(data.types, name);
  for (const name of Object.keys(data.dateFormats)) {
    const type = typeOf(name);
    if (type === undefined || type === 'date') continue;
    add(['data', 'dateFormats', name], name, `${name} is ${type}, and no date`, 'Remove it here or in data.types.');
  }
  for (const [name, { dateParts }] of Object.entries(preprocess.columns)) {
    const path = ['preprocess', 'columns', name, 'dateParts'];
    const type = typeOf(name);
    if (!dateParts) continue;
    if (type !== undefined && type !== 'date') {
      add(path, dateParts, `dateParts does nothing for a column of type ${type}`, 'Remove dateParts.');
    }
    if (new Set(dateParts).size < dateParts.length) add(path, dateParts, 'A part is named twice', 'Name it once.');
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
