/** Live progress of a job: one redrawn line on a terminal, plain lines elsewhere. */
import type { JobEvent__Output } from '@lockstep/client';
import pc from 'picocolors';
import { visible } from './visible.js';

/** What of a stream progress needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where progress goes and how. */
export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Says nothing but warnings. */
  readonly quiet: boolean;
}

/** Follows events of one job on a stream. */
export interface Progress {
  event(event: JobEvent__Output): void;
  note(text: string): void;
  /** Ends the redrawn line, so that what follows starts on its own. */
  end(): void;
}

type JobProgress = NonNullable<NonNullable<JobEvent__Output['stepsCommitted']>['progress']>;

const BAR_CELLS = 24;
/** Seconds of the job between plain lines inside an epoch: a log shows that a long epoch moves, and stays short. */
const PLAIN_LINE_SECONDS = 10;

/** Seconds as people read them: "0.8 s", "3 min 20 s", "2 h 5 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  // Rounded before it is split, so that no "1 min 60 s" comes out.
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number in at most four significant digits. */
export function formatNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(3);
  return String(Number(value.toPrecision(4)));
}

/** The line shown while steps are committed. */
export function progressLine(progress: JobProgress, columns: number): string {
  const done = progress.totalSteps > 0 ? progress.step / progress.totalSteps : 0;
  const filled = Math.round(done * BAR_CELLS);
  const bar = `${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}`;
  const line = [
    `epoch ${progress.epoch}/${progress.totalEpochs} [${bar}] step ${progress.step}/${progress.totalSteps}`,
    ...paceOf(progress, progress.trainLoss),
  ].join('  ');
  return line.slice(0, Math.max(20, columns - 1));
}

/** The line written now and then inside an epoch where nothing is redrawn. */
export function plainLine(progress: JobProgress): string {
  const { epoch, totalEpochs, step, totalSteps, trainLoss } = progress;
  return [`epoch ${epoch}/${totalEpochs}`, `step ${step}/${totalSteps}`, ...paceOf(progress, trainLoss)].join('  ');
}

/**
 * The line written when an epoch has ended.
 * @param progress the newest one; its step may lie some steps back
 */
export function epochLine(epoch: NonNullable<JobEvent__Output['epochEnded']>, progress: JobProgress | null): string {
  const metrics = Object.entries(epoch.metrics)
    .filter(([name]) => name !== 'loss')
    .map(([name, value]) => `${name} ${formatNumber(value)}`);
  const took = `took ${formatDuration(epoch.seconds)}`;
  if (!progress) return [`epoch ${epoch.epoch}`, `loss ${formatNumber(epoch.trainLoss)}`, ...metrics, took].join('  ');
  const { totalEpochs, totalSteps } = progress;
  const step = Math.round((totalSteps / totalEpochs) * epoch.epoch);
  const pace = paceOf(atStep(progress, step), epoch.trainLoss);
  return [`epoch ${epoch.epoch}/${totalEpochs}`, `step ${step}/${totalSteps}`, ...pace, ...metrics, took].join('  ');
}

function paceOf(progress: JobProgress, loss: number): string[] {
  return [
    `loss ${formatNumber(loss)}`,
    `${Math.round(progress.samplesPerSecond)} samples/s`,
    `ETA ${formatDuration(progress.remainingSeconds)}`,
  ];
}

/** The progress with what remains counted from a later step at the same pace. */
function atStep(progress: JobProgress, step: number): JobProgress {
  const open = progress.totalSteps - progress.step;
  const share = open > 0 ? (progress.totalSteps - step) / open : 0;
  return { ...progress, step, remainingSeconds: progress.remainingSeconds * share };
}

/** Progress on a stream; redraws only where the stream is a terminal. */
export function createProgress({ stream, quiet }: ProgressOptions): Progress {
  const redraw = stream.isTTY === true;
  let drawn = false;
  let newest: JobProgress | null = null;
  let saidAt = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    event(event) {
      if (event.note) {
        const warning = event.note.level === 'NOTE_LEVEL_WARNING';
        if (warning || !quiet) line(`${warning ? `${pc.yellow('warning')} ` : ''}${visible(event.note.message)}`);
      }
      if (event.stepStalled) line(`${pc.yellow('warning')} ${visible(event.stepStalled.reason)}`);
      if (quiet) return;
      if (event.stateChanged) line(`${pc.dim(stateWord(event.stateChanged.state))} ${event.stateChanged.reason}`);
      if (event.workerChanged) {
        const { workerId, change, reason } = event.workerChanged;
        line(`${pc.dim('worker')} ${workerId} ${change}${reason ? `: ${reason}` : ''}`);
      }
      if (event.stepsCommitted?.progress) {
        newest = event.stepsCommitted.progress;
        if (redraw) {
          stream.write(`\r\u001b[2K${progressLine(newest, stream.columns ?? 100)}`);
          drawn = true;
        } else if (event.unixSeconds - saidAt >= PLAIN_LINE_SECONDS) {
          line(plainLine(newest));
          saidAt = event.unixSeconds;
        }
      }
      if (event.epochEnded) {
        line(epochLine(event.epochEnded, newest));
        saidAt = event.unixSeconds;
      }
      if (event.rewound) line(`${pc.yellow('rewound')} to step ${event.rewound.toStep}`);
    },
    note: (text) => {
      if (!quiet) line(text);
    },
    end: clear,
  };
}

/** "JOB_STATE_RUNNING" -> "running". */
export function stateWord(state: string): string {
  return state.replace('JOB_STATE_', '').toLowerCase();
}
