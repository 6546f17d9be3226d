/** Memory and CPU time of processes as Linux tells them. Elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What a process has used. */
export interface Usage {
  /** Megabytes (10^6) that are its own: no file that others map, no shared memory. Null where it is not told. */
  readonly privateMb: number | null;
  /** Seconds of all its threads; null where they are not told. */
  readonly cpuSeconds: number | null;
}

/** Clock ticks of a second in /proc/PID/stat: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Private megabytes of a text of smaps_rollup: Private_Clean and Private_Dirty, which leave shared segments out. */
export function parsePrivateMb(rollup: string): number | null {
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map((match) => Number(match[1]));
  return kilobytes.length === 0 ? null : (kilobytes.reduce((sum, value) => sum + value, 0) * 1024) / 1e6;
}

/** Largest resident megabytes so far, of a text of /proc/PID/status; shared segments count. */
export function parsePeakMb(status: string): number | null {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return found ? (Number(found[1]) * 1024) / 1e6 : null;
}

/** What a command line of /proc/PID/cmdline runs: the program, or the script of a Node with its first argument. */
export function programName(commandLine: string): string {
  const words = commandLine.split('\0').filter((word) => word !== '');
  const script = words.findIndex((word) => /\.[cm]?js$/.test(word));
  const named = script < 0 ? words.slice(0, 1) : words.slice(script, script + 2);
  return named.map((word) => basename(word)).join(' ');
}

/** CPU seconds and parent of a text of /proc/PID/stat. The name in it may hold spaces and brackets. */
export function parseStat(stat: string): {
  readonly name: string;
  readonly parent: number;
  readonly cpuSeconds: number;
} {
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  };
}

/** What a process has used so far. */
export function usageOf(pid: number): Usage {
  const stat = read(`/proc/${pid}/stat`);
  return {
    privateMb: parsePrivateMb(read(`/proc/${pid}/smaps_rollup`)),
    cpuSeconds: stat ? parseStat(stat).cpuSeconds : null,
  };
}

/** A process and the most memory that it had. */
export interface ProcessPeak {
  readonly name: string;
  /** Megabytes (10^6), resident. */
  readonly peakMb: number;
}

/** Looks again and again at all processes that this one has started, and those below them, until it is stopped. */
export function watchPeaks(everyMs: number): { stop(): readonly ProcessPeak[] } {
  const peaks = new Map<number, ProcessPeak>();
  const look = (): void => {
    const all = allProcesses();
    for (const pid of all.keys()) {
      const peakMb = pid !== process.pid && isBelow(pid, all) ? parsePeakMb(read(`/proc/${pid}/status`)) : null;
      if (peakMb !== null) peaks.set(pid, { name: programName(read(`/proc/${pid}/cmdline`)), peakMb });
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return [...peaks.values()];
    },
  };
}

/** The process of a name that this one has started, itself or through another; 0 where there is none. */
export function descendantNamed(name: string): number {
  const all = allProcesses();
  for (const [pid, found] of all) if (found.name === name && isBelow(pid, all)) return pid;
  return 0;
}

/** Every process there is; none outside Linux. */
function allProcesses(): ReadonlyMap<number, { readonly name: string; readonly parent: number }> {
  const all = new Map<number, { name: string; parent: number }>();
  try {
    for (const entry of readdirSync('/proc')) {
      const stat = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : '';
      if (stat) all.set(Number(entry), parseStat(stat));
    }
  } catch {
    // No /proc.
  }
  return all;
}

function isBelow(pid: number, all: ReadonlyMap<number, { readonly parent: number }>): boolean {
  for (let at: number | undefined = pid; at; at = all.get(at)?.parent) if (at === process.pid) return true;
  return false;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
