/** Reads dates from cells: ISO 8601, or one format that the spec names, in a time zone that the spec names. */
import { DateTime } from 'luxon';
import { instantOf, zoneOffsets } from './time-zone.js';

/** How the dates of a column are written. */
export interface DateFormat {
  /** `iso`, or a format in the tokens of Luxon, such as `dd.MM.yyyy HH:mm`. */
  readonly pattern: string;
  /** IANA name of the zone of times that have no offset of their own. */
  readonly timeZone: string;
}

/** The pattern of dates that need no format. */
export const ISO_PATTERN = 'iso';

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const MINUTE_MS = 60_000;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** An ISO date as local milliseconds, and its own offset where it has one; null for a text that is none. */
function readIso(text: string): { readonly local: number; readonly offset: number | null } | null {
  const found = ISO.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  if (!isDay(year!, month!, day!) || hour! > 23 || minute! > 59 || second! > 59) return null;
  const fraction = found[7] ? Number(`0.${found[7]}`) * 1000 : 0;
  const local = Date.UTC(year!, month! - 1, day, hour, minute, second) + fraction;
  const offset = found[8] === undefined ? null : offsetMs(found[8]);
  return Number.isNaN(offset) ? null : { local, offset };
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const most = month === 2 && !isLeap ? 28 : (DAYS[month - 1] ?? 0);
  return year >= 100 && day >= 1 && day <= most;
}

function offsetMs(text: string): number {
  if (text.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.replace(':', '').slice(3) || 0)];
  if (hours > 14 || minutes > 59) return Number.NaN;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}

/** Whether a text is a date or timestamp of ISO 8601. */
export function isIsoDate(cell: string): boolean {
  return readIso(cell.trim()) !== null;
}

/** Reads cells as milliseconds since 1970 in UTC; NaN for a text that is no date in the format. */
export function dateReader({ pattern, timeZone }: DateFormat): (cell: string) => number {
  const zone = zoneOffsets(timeZone);
  if (pattern === ISO_PATTERN) {
    return (cell) => {
      const found = readIso(cell.trim());
      if (!found) return Number.NaN;
      return found.offset === null ? instantOf(found.local, zone) : found.local - found.offset;
    };
  }
  const hasZone = /[Zz]/.test(pattern.replace(/'[^']*'/g, ''));
  const parser = DateTime.buildFormatParser(pattern, { locale: 'en-US' });
  return (cell) => {
    const found = DateTime.fromFormatParser(cell.trim(), parser, { zone: 'utc', setZone: true, locale: 'en-US' });
    if (!found.isValid) return Number.NaN;
    return hasZone ? found.toMillis() : instantOf(found.toMillis(), zone);
  };
}

const OTHER_DATE = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:,?\s(\d{1,2}:\d\d(:\d\d)?)\s?([ap]m)?)?$/i;

/** Orders of day, month and year that dates outside ISO 8601 stand in. */
export const DATE_ORDERS = ['dMy', 'Mdy', 'yMd'] as const;

/** Which of {@link DATE_ORDERS} a text is a date in, as bits; 0 for a text that looks like no date. */
export function ordersOf(cell: string): number {
  const found = OTHER_DATE.exec(cell.trim());
  if (!found) return 0;
  const [first, second, third] = [found[1]!, found[3]!, found[4]!];
  if (first.length === 4) return third.length <= 2 && isDay(Number(first), Number(second), Number(third)) ? 4 : 0;
  if (third.length !== 4 || first.length > 2) return 0;
  const year = Number(third);
  const dayFirst = isDay(year, Number(second), Number(first)) ? 1 : 0;
  return dayFirst + (isDay(year, Number(first), Number(second)) ? 2 : 0);
}

/** The format of a date in one of the orders, as `data.dateFormats` takes it. */
export function patternOf(cell: string, order: (typeof DATE_ORDERS)[number]): string {
  const [, , sign = '', , , time, seconds, half] = OTHER_DATE.exec(cell.trim()) ?? [];
  const letters = { d: 'd', M: 'M', y: 'yyyy' };
  const date = [...order].map((letter) => letters[letter as keyof typeof letters]).join(sign);
  return `${date}${time ? ` ${half ? 'h' : 'H'}:mm${seconds ? ':ss' : ''}${half ? ' a' : ''}` : ''}`;
}

/** The day of an instant in UTC, for messages. */
export function isoDay(ms: number): string {
  return DateTime.fromMillis(ms, { zone: 'utc' }).toISODate() ?? 'no date';
}
