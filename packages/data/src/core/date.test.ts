import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { DATE_ORDERS, dateReader, isIsoDate, ordersOf, patternOf } from './date.js';
import { DATE_PARTS, datePart } from './date-parts.js';
import { offsetAt, zoneOffsets } from './time-zone.js';

const iso = (timeZone: string) => dateReader({ pattern: 'iso', timeZone });
const text = (ms: number): string => (Number.isNaN(ms) ? 'none' : DateTime.fromMillis(ms, { zone: 'utc' }).toISO()!);

describe('dates of ISO 8601', () => {
  it.each([
    ['2025-12-31', '2025-12-31T00:00:00.000Z'],
    ['2025-03-30T06:00:00Z', '2025-03-30T06:00:00.000Z'],
    ['2025-03-30T11:30:00+05:30', '2025-03-30T06:00:00.000Z'],
    ['2025-03-30 02:30', '2025-03-30T02:30:00.000Z'],
    [' 2025-07-01t23:59:59.25-0800 ', '2025-07-02T07:59:59.250Z'],
    ['2025-07-01 23:59:59,5 +02', '2025-07-01T21:59:59.500Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['1900-01-01', '1900-01-01T00:00:00.000Z'],
  ])('reads %j as %s', (cell, expected) => {
    expect(text(iso('UTC')(cell))).toBe(expected);
    expect(isIsoDate(cell)).toBe(true);
  });

  it.each([
    '2025-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-01-32',
    '2025-01-01T24:00',
    '2025-01-01T10:60',
    '25-01-01',
    '2025-1-1',
    '2025-01-01T10',
    '2025-01-01Z',
    '0050-01-01',
    '2025-01-01T10:00+99:00',
  ])('reads no date from %j', (cell) => {
    expect(iso('UTC')(cell)).toBeNaN();
  });

  it('takes the offset of a time before the zone of the spec', () => {
    expect(text(iso('Europe/Berlin')('2025-07-01 12:00'))).toBe('2025-07-01T10:00:00.000Z');
    expect(text(iso('Europe/Berlin')('2025-07-01 12:00Z'))).toBe('2025-07-01T12:00:00.000Z');
    expect(text(iso('Asia/Kolkata')('2025-07-01'))).toBe('2025-06-30T18:30:00.000Z');
  });

  it('moves a time that a clock left out on by the gap, and takes the earlier of one that came twice', () => {
    const berlin = iso('Europe/Berlin');
    expect(text(berlin('2025-03-30 02:30'))).toBe('2025-03-30T01:30:00.000Z');
    expect(text(berlin('2025-03-30 03:30'))).toBe('2025-03-30T01:30:00.000Z');
    expect(text(berlin('2025-10-26 02:30'))).toBe('2025-10-26T00:30:00.000Z');
    expect(text(berlin('2025-10-26 03:30'))).toBe('2025-10-26T02:30:00.000Z');
    expect(text(iso('America/New_York')('2025-11-02 01:30'))).toBe('2025-11-02T05:30:00.000Z');
  });
});

describe('dates in a format', () => {
  it('follows the format and nothing else', () => {
    const german = dateReader({ pattern: 'dd.MM.yyyy HH:mm', timeZone: 'Europe/Berlin' });
    expect(text(german('01.02.2024 10:00'))).toBe('2024-02-01T09:00:00.000Z');
    expect(['1.2.2024 10:00', '2024-02-01', '31.02.2024 10:00', ''].map(german).every(Number.isNaN)).toBe(true);
    const american = dateReader({ pattern: 'M/d/yyyy h:mm a', timeZone: 'UTC' });
    expect(text(american('2/1/2024 3:04 PM'))).toBe('2024-02-01T15:04:00.000Z');
    expect(text(dateReader({ pattern: 'yyyyMMdd', timeZone: 'UTC' })('20240131'))).toBe('2024-01-31T00:00:00.000Z');
    expect(text(dateReader({ pattern: 'd MMM yyyy', timeZone: 'UTC' })('3 Mar 2024'))).toBe('2024-03-03T00:00:00.000Z');
  });

  it('takes an offset where the format has one', () => {
    const reader = dateReader({ pattern: "yyyy/MM/dd'Z'HH:mm ZZ", timeZone: 'Asia/Kolkata' });
    expect(text(reader('2024/01/31Z10:00 +01:00'))).toBe('2024-01-31T09:00:00.000Z');
  });

  it('names the formats that a date may be written in', () => {
    const formats = (cell: string) =>
      DATE_ORDERS.filter((_, at) => ordersOf(cell) & (1 << at)).map((order) => patternOf(cell, order));
    expect(formats('01/02/2024')).toEqual(['d/M/yyyy', 'M/d/yyyy']);
    expect(formats('31.12.2024 10:00')).toEqual(['d.M.yyyy H:mm']);
    expect(formats('12-31-2024 3:04:05 PM')).toEqual(['M-d-yyyy h:mm:ss a']);
    expect(formats('2024/2/9')).toEqual(['yyyy/M/d']);
    expect(['11.0.1', '1/2/24', '2024-01', '32/13/2024', '10.0.0.1'].map(ordersOf)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('parts of dates', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Africa/Casablanca', 'Australia/Lord_Howe'])(
    'are those of the clocks of %s',
    (timeZone) => {
      const zone = zoneOffsets(timeZone);
      const instant = fc.integer({ min: Date.UTC(1925, 0, 1), max: Date.UTC(2099, 11, 31) });
      fc.assert(
        fc.property(instant, (ms) => {
          const local = DateTime.fromMillis(ms, { zone: timeZone });
          const expected = [ms, local.year, local.month, local.day, local.weekday, local.hour];
          expect(DATE_PARTS.map((part) => datePart(part, ms, zone))).toEqual(expected);
          expect(offsetAt(zone, ms)).toBe(local.offset * 60_000);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('of nothing are nothing', () => {
    expect(DATE_PARTS.map((part) => datePart(part, Number.NaN, zoneOffsets('UTC')))).toEqual(
      DATE_PARTS.map(() => Number.NaN),
    );
  });
});
