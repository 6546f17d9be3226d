/** Parts of dates as numbers, by one formula for code and graph: only steps that are exact in float64. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import { offsetAt, type ZoneOffsets } from './time-zone.js';

/** What a date may become: the instant in milliseconds since 1970, or a part of it on the clocks of its time zone. */
export const DATE_PARTS = ['timestamp', 'year', 'month', 'dayOfMonth', 'dayOfWeek', 'hour'] as const;
export type DatePart = (typeof DATE_PARTS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Arithmetic on numbers, or on nodes of a graph. */
interface Arithmetic<Value> {
  readonly add: (left: Value, right: Value | number) => Value;
  readonly subtract: (left: Value, right: Value | number) => Value;
  readonly times: (left: Value, right: number) => Value;
  /** The largest whole number that is not above left / right. */
  readonly floorDivide: (left: Value, right: number) => Value;
}

/** A part of a local time in milliseconds: Monday is day 1; the calendar is that of Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function partOf<Value>(part: Exclude<DatePart, 'timestamp'>, local: Value, on: Arithmetic<Value>): Value {
  const { add, subtract, times, floorDivide } = on;
  const rest = (value: Value, by: number): Value => subtract(value, times(floorDivide(value, by), by));
  if (part === 'hour') return floorDivide(rest(local, DAY_MS), HOUR_MS);
  const days = floorDivide(local, DAY_MS);
  if (part === 'dayOfWeek') return add(rest(add(days, 3), 7), 1);
  const shifted = add(days, 719_468);
  const era = floorDivide(shifted, 146_097);
  const day = subtract(shifted, times(era, 146_097));
  const leaps = subtract(
    add(subtract(day, floorDivide(day, 1460)), floorDivide(day, 36_524)),
    floorDivide(day, 146_096),
  );
  const year = floorDivide(leaps, 365);
  const ofYear = subtract(day, subtract(add(times(year, 365), floorDivide(year, 4)), floorDivide(year, 100)));
  const monthFromMarch = floorDivide(add(times(ofYear, 5), 2), 153);
  // January and February are the last months of the year before.
  const isEarly = floorDivide(monthFromMarch, 10);
  if (part === 'dayOfMonth') {
    return add(subtract(ofYear, floorDivide(add(times(monthFromMarch, 153), 2), 5)), 1);
  }
  if (part === 'month') return subtract(add(monthFromMarch, 3), times(isEarly, 12));
  return add(add(year, times(era, 400)), isEarly);
}

const NUMBERS: Arithmetic<number> = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  times: (left, right) => left * right,
  floorDivide: (left, right) => Math.floor(left / right),
};

/** A part of an instant; NaN stays NaN. */
export function datePart(part: DatePart, ms: number, zone: ZoneOffsets): number {
  if (part === 'timestamp' || Number.isNaN(ms)) return ms;
  return partOf(part, ms + offsetAt(zone, ms), NUMBERS);
}

/** Adds what turns instants, [N, 1] double, into a part. @returns its name */
export function addDatePart(builder: GraphBuilder, part: DatePart, ms: string, zone: ZoneOffsets): string {
  if (part === 'timestamp') return ms;
  const operand = (value: string | number): string =>
    typeof value === 'string' ? value : builder.constant('float64', [1, 1], Float64Array.of(value));
  const node = (op: string, left: string, right: string | number): string => builder.node(op, [left, operand(right)]);
  return partOf(part, node('Add', ms, addOffset(builder, ms, zone)), {
    add: (left, right) => node('Add', left, right),
    subtract: (left, right) => node('Sub', left, right),
    times: (left, right) => node('Mul', left, right),
    floorDivide: (left, right) => builder.node('Floor', [node('Div', left, right)]),
  });
}

const FLOAT64 = 11;

/** The first offset plus every change that has happened by then: whole milliseconds, so that their sum is exact. */
function addOffset(builder: GraphBuilder, ms: string, { starts, offsets }: ZoneOffsets): string {
  const first = builder.constant('float64', [1, 1], Float64Array.of(offsets[0]!));
  const changes = starts.slice(1);
  if (changes.length === 0) return first;
  const from = builder.constant('float64', [1, changes.length], Float64Array.from(changes), 'changes');
  const steps = Float64Array.from(changes, (_, at) => offsets[at + 1]! - offsets[at]!);
  const isPast = builder.node('Cast', [builder.node('GreaterOrEqual', [ms, from])], { to: attribute.int(FLOAT64) });
  const sum = builder.node('MatMul', [isPast, builder.constant('float64', [changes.length, 1], steps, 'steps')]);
  return builder.node('Add', [sum, first]);
}
