/** Events of a job in words. */
import { formatDuration, formatNumber, stateWord } from './format.js';
import type { JobEvent } from './wire.js';

/** An event as the list shows it. */
export interface EventLine {
  readonly sequence: number;
  readonly unixSeconds: number;
  readonly step: number;
  /** What kind it is, in one word. */
  readonly kind: string;
  readonly text: string;
  readonly isWarning: boolean;
}

const TROUBLE = new Set(['lost']);

/** The line of an event; null for progress, which the curves show. */
export function eventLine(event: JobEvent): EventLine | null {
  const words = wordsOf(event);
  if (!words) return null;
  const { sequence, unixSeconds, step } = event;
  return { sequence, unixSeconds, step, isWarning: false, ...words };
}

function wordsOf(event: JobEvent): (Pick<EventLine, 'kind' | 'text'> & { readonly isWarning?: boolean }) | null {
  const { stateChanged, epochEnded, workerChanged, note, rewound, stepStalled } = event;
  if (stateChanged) {
    const { state, reason } = stateChanged;
    return { kind: 'state', text: joined(stateWord(state), reason), isWarning: state === 'JOB_STATE_FAILED' };
  }
  if (epochEnded) {
    const metrics = Object.entries(epochEnded.metrics).filter(([name]) => name !== 'loss');
    const values = [['loss', epochEnded.trainLoss] as const, ...metrics];
    const shown = values.map(([name, value]) => `${name.replaceAll('_', ' ')} ${formatNumber(value)}`);
    const text = `epoch ${epochEnded.epoch}: ${shown.join(', ')}, took ${formatDuration(epochEnded.seconds)}`;
    return { kind: 'epoch', text, isWarning: values.some(([, value]) => !Number.isFinite(value)) };
  }
  if (workerChanged) {
    const { workerId, change, reason } = workerChanged;
    return { kind: 'worker', text: joined(`${workerId} ${change}`, reason), isWarning: TROUBLE.has(change) };
  }
  if (note) return { kind: 'note', text: note.message, isWarning: note.level === 'NOTE_LEVEL_WARNING' };
  if (rewound) {
    const text = `went back to step ${rewound.toStep}; later steps are computed again`;
    return { kind: 'rewind', text, isWarning: true };
  }
  return stepStalled ? { kind: 'stall', text: stepStalled.reason, isWarning: true } : null;
}

function joined(what: string, reason: string): string {
  return reason ? `${what}: ${reason}` : what;
}

/** Lines that a filter lets through. @param search any part of the text or kind, in any case; '' lets all through */
export function filtered(lines: readonly EventLine[], onlyWarnings: boolean, search: string): readonly EventLine[] {
  const wanted = search.trim().toLowerCase();
  return lines.filter(
    ({ isWarning, kind, text }) =>
      (isWarning || !onlyWarnings) && (!wanted || `${kind} ${text}`.toLowerCase().includes(wanted)),
  );
}
