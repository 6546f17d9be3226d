/** Numbers and times as people read them. */

/** Seconds: "0.8 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"; "?" where nobody knows. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  // Rounded before it is split, so that no "1 min 60 s" comes out.
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Time since an event, in its largest unit: "12 s", "3 min", "5 h", "2 d". */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  return whole < 86_400 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 86_400)} d`;
}

/** Mean seconds of a phase: "12.3 ms" below one second, "65 µs" below a millisecond. */
export function formatPhase(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  return seconds < 1 ? `${formatNumber(seconds * 1000, 3)} ms` : formatDuration(seconds);
}

/** A number in few significant digits; "NaN" and infinities by name. @param digits @default 4 */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'infinite' : '-infinite';
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(digits)));
}

/** Rows per second, without a unit: "980", "12.4 k", "3.1 M". */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '?';
  if (perSecond < 1000) return String(Math.round(perSecond));
  return perSecond < 999_500 ? `${formatNumber(perSecond / 1000, 3)} k` : `${formatNumber(perSecond / 1e6, 3)} M`;
}

/** "1 worker", "2 workers". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** "JOB_STATE_RUNNING" as "running". */
export function stateWord(state: string): string {
  return state.replace('JOB_STATE_', '').toLowerCase();
}

/** Whether a job in this state does nothing more. */
export function hasEnded(state: string): boolean {
  return ['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED'].includes(state);
}

/** Lanes as people write them: "lane 2", "lanes 0-3", "lanes 0, 2-3". */
export function formatLanes(lanes: readonly number[]): string {
  const sorted = [...lanes].sort((left, right) => left - right);
  const runs: [number, number][] = [];
  for (const lane of sorted) {
    const last = runs.at(-1);
    if (last && lane <= last[1] + 1) last[1] = lane;
    else runs.push([lane, lane]);
  }
  const words = runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
  return `${sorted.length === 1 ? 'lane' : 'lanes'} ${words || 'none'}`;
}

/** Text as one line without control characters, which the coordinator takes none of. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
