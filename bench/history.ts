/** bench/history.jsonl: the ratios of each full run, and whether a new one has lost against those before. */
import { execFileSync } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Machine } from './report.ts';
import type { BenchRow } from './rows.ts';
import { median } from './statistics.ts';

/** Ratios of a row, which depend less on the machine than times do. */
type Ratios = Pick<BenchRow, 'workload' | 'link' | 'wire' | 'ratioToPeer' | 'ratioToEngine' | 'ratioToParts'>;

/** One line. */
export interface HistoryEntry {
  /** Short hash; with "+" where the tree had changes. */
  readonly commit: string;
  readonly date: string;
  readonly machine: Pick<Machine, 'cpus' | 'cpu' | 'node'>;
  readonly rows: readonly Ratios[];
}

/** From bench/dist, where this is run. */
const PATH = fileURLToPath(new URL('../history.jsonl', import.meta.url));
/** Entries that a new one is compared with, and the growth of a ratio that is told. */
const COMPARED = 5;
const TOLERATED = 1.1;
const RATIOS = ['ratioToPeer', 'ratioToEngine', 'ratioToParts'] as const;

/** The entry of a run. */
export function entryOf(machine: Machine, commit: string, rows: readonly BenchRow[]): HistoryEntry {
  const { cpus, cpu, node, date } = machine;
  return {
    ...{ commit, date, machine: { cpus, cpu, node } },
    rows: rows.map(({ workload, link, wire, ratioToPeer, ratioToEngine, ratioToParts }) => ({
      ...{ workload, link, wire, ratioToPeer, ratioToEngine, ratioToParts },
    })),
  };
}

/** Ratios that are more than 10 % above the median of the last comparable entries: those of the same kind of machine. */
export function losses(entry: HistoryEntry, before: readonly HistoryEntry[]): string[] {
  const { cpu, cpus } = entry.machine;
  const comparable = before.filter(({ machine }) => machine.cpu === cpu && machine.cpus === cpus);
  return entry.rows.flatMap((row) => {
    const same = comparable.flatMap(({ rows }) => rows.filter((other) => nameOf(other) === nameOf(row)));
    return RATIOS.flatMap((name) => {
      const values = same.flatMap((other) => other[name] ?? []).slice(-COMPARED);
      const usual = median(values);
      const now = row[name];
      if (now === null || !(now > usual * TOLERATED)) return [];
      return `${nameOf(row)}: ${name} is ${now.toFixed(2)}; the median of the last ${values.length} is ${usual.toFixed(2)}`;
    });
  });
}

/** Entries of a text of lines. */
export function parseHistory(text: string): HistoryEntry[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as HistoryEntry);
}

/** Adds a run. @returns what it has lost */
export async function keepHistory(machine: Machine, rows: readonly BenchRow[]): Promise<string[]> {
  const before = parseHistory(await readFile(PATH, 'utf8').catch(() => ''));
  const entry = entryOf(machine, commitName(), rows);
  await appendFile(PATH, `${JSON.stringify(entry)}\n`);
  return losses(entry, before);
}

function nameOf({ workload, link, wire }: Ratios): string {
  return `${workload} ${link} ${wire}`;
}

function commitName(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    const changes = git('status', '--porcelain', '--untracked-files=no')
      .split('\n')
      .filter((line) => !line.endsWith('history.jsonl'));
    return `${git('rev-parse', '--short', 'HEAD')}${changes.some(Boolean) ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
