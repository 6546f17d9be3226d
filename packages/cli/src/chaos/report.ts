/** What faults cost, by kind, as JSON and as text. */
import { formatDuration } from '../render/progress.js';
import { FAULT_KINDS, type FaultKind } from './faults.js';
import type { Struck } from './strike.js';

/** Faults of one kind. */
export interface KindReport {
  readonly kind: FaultKind;
  readonly count: number;
  /** How many the coordinator's events show. */
  readonly noticed: number;
  /** Mean over those; null without any. */
  readonly noticedSeconds: number | null;
  /** Mean over all. */
  readonly lostSeconds: number;
  readonly lostSecondsMax: number;
}

/** The object that `--json` prints. */
export interface ChaosReport {
  readonly state: 'succeeded' | 'failed';
  /** Whether both runs have the same parameters. */
  readonly isEqual: boolean;
  readonly seed: number;
  readonly planned: number;
  readonly happened: number;
  readonly faults: readonly KindReport[];
  /** Committed steps that were computed again. */
  readonly stepsLost: number;
  readonly calm: RunReport;
  readonly struck: RunReport;
}

/** How one of the runs ended. */
export interface RunReport {
  readonly parametersSha256: string;
  readonly steps: number;
  /** From submission to the end. */
  readonly seconds: number;
}

/** Sums faults up by kind; kinds that did not happen are left out. */
export function byKind(struck: readonly Struck[]): KindReport[] {
  return FAULT_KINDS.flatMap((kind) => {
    const own = struck.filter((fault) => fault.kind === kind);
    if (own.length === 0) return [];
    const noticed = own.flatMap(({ noticedSeconds }) => noticedSeconds ?? []);
    const lost = own.map(({ lostSeconds }) => lostSeconds);
    return {
      ...{ kind, count: own.length, noticed: noticed.length },
      noticedSeconds: noticed.length > 0 ? mean(noticed) : null,
      ...{ lostSeconds: mean(lost), lostSecondsMax: Math.max(...lost) },
    };
  });
}

/** The report as people read it. */
export function reportText({ faults, happened, planned, seed, stepsLost, calm, struck, isEqual }: ChaosReport): string {
  const rows = faults.map(({ kind, count, noticed, noticedSeconds, lostSeconds, lostSecondsMax }) => [
    ...[kind, String(count), noticedSeconds === null ? '-' : `${noticed} after ${formatDuration(noticedSeconds)}`],
    ...[formatDuration(lostSeconds), formatDuration(lostSecondsMax)],
  ]);
  const table = [['fault', 'count', 'noticed', 'stood still', 'at most'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    '',
    `faults      ${happened} of ${planned}, seed ${seed}`,
    `steps lost  ${stepsLost} of ${struck.steps}`,
    `calm        ${formatDuration(calm.seconds)}  sha-256 ${calm.parametersSha256}`,
    `with faults ${formatDuration(struck.seconds)}  sha-256 ${struck.parametersSha256}`,
    isEqual ? 'the parameters are equal' : 'THE PARAMETERS DIFFER',
    '',
  ].join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
