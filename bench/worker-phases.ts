/** Phases of a step as a worker's /metrics page counts them. */

/** Total of one phase. */
export interface PhaseTotal {
  readonly seconds: number;
  readonly count: number;
}

/** Totals by phase. */
export type PhaseTotals = ReadonlyMap<string, PhaseTotal>;

const SAMPLE = /^lockstep_step_phase_seconds_(sum|count)\{([^}]*)\} (\S+)$/;
const PHASE = /(?:^|,)phase="([^"]*)"/;

/** Reads the totals of `lockstep_step_phase_seconds` from a page. */
export function parsePhases(page: string): PhaseTotals {
  const totals = new Map<string, PhaseTotal>();
  for (const line of page.split('\n')) {
    const [, kind, labels = '', value] = SAMPLE.exec(line) ?? [];
    const phase = PHASE.exec(labels)?.[1];
    if (phase === undefined) continue;
    const total = totals.get(phase) ?? { seconds: 0, count: 0 };
    totals.set(phase, { ...total, [kind === 'sum' ? 'seconds' : 'count']: Number(value) });
  }
  return totals;
}

/** Mean milliseconds of each phase between two pages of one process; phases without a new observation are left out. */
export function meanPhasesMs(before: PhaseTotals, after: PhaseTotals): Record<string, number> {
  const means: Record<string, number> = {};
  for (const [phase, { seconds, count }] of after) {
    const earlier = before.get(phase) ?? { seconds: 0, count: 0 };
    if (count > earlier.count) means[phase] = ((seconds - earlier.seconds) / (count - earlier.count)) * 1000;
  }
  return means;
}

/** Mean of each phase over several processes. */
export function meanOf(processes: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const phases = new Set(processes.flatMap((means) => Object.keys(means)));
  return Object.fromEntries(
    [...phases].map((phase) => {
      const values = processes.flatMap((means) => means[phase] ?? []);
      return [phase, values.reduce((sum, value) => sum + value, 0) / values.length];
    }),
  );
}
