/** Offsets of a time zone as a table, so that code and graph find the same one for an instant. */
import { IANAZone } from 'luxon';

const DAY_MS = 86_400_000;
/** Instants that the table covers; the first and the last offset hold beyond. */
const FIRST_MS = Date.UTC(1900, 0, 1);
const LAST_MS = Date.UTC(2100, 0, 1);
/** No zone changes its offset twice within so many days. */
const STEP_DAYS = 7;

/** Offsets from UTC in milliseconds: each holds from its start on, the first also before. */
export interface ZoneOffsets {
  /** Instants in milliseconds since 1970, growing. */
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

const tables = new Map<string, ZoneOffsets>();

/** The offsets of an IANA time zone from 1900 to 2100. */
export function zoneOffsets(timeZone: string): ZoneOffsets {
  const known = tables.get(timeZone);
  if (known) return known;
  const made = timeZone === 'UTC' ? { starts: [FIRST_MS], offsets: [0] } : readOffsets(timeZone);
  tables.set(timeZone, made);
  return made;
}

function readOffsets(timeZone: string): ZoneOffsets {
  const zone = IANAZone.create(timeZone);
  const offsetAt = (ms: number): number => Math.round(zone.offset(ms) * 60_000);
  const starts = [FIRST_MS];
  const offsets = [offsetAt(FIRST_MS)];
  for (let from = FIRST_MS; from < LAST_MS; from += STEP_DAYS * DAY_MS) {
    const next = offsetAt(from + STEP_DAYS * DAY_MS);
    if (next === offsets.at(-1)) continue;
    let [before, after] = [from, from + STEP_DAYS * DAY_MS];
    while (after - before > 1000) {
      const middle = Math.floor((before + after) / 2000) * 1000;
      if (middle === before || middle === after) break;
      if (offsetAt(middle) === next) after = middle;
      else before = middle;
    }
    starts.push(after);
    offsets.push(next);
  }
  return { starts, offsets };
}

/** The offset at an instant, in milliseconds. */
export function offsetAt({ starts, offsets }: ZoneOffsets, ms: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= ms) low = middle;
    else high = middle - 1;
  }
  return offsets[low]!;
}

/**
 * The instant of a local time: the earlier of two where a clock was put back, and later by the gap where it was put
 * forward over it.
 */
export function instantOf(local: number, zone: ZoneOffsets): number {
  const before = offsetAt(zone, local - DAY_MS);
  const after = offsetAt(zone, local + DAY_MS);
  const fitting = [local - before, local - after].filter((ms) => offsetAt(zone, ms) === local - ms);
  return fitting.length > 0 ? Math.min(...fitting) : local - before;
}
