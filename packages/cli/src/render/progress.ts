/** Live progress of a job: one redrawn line on a terminal, plain lines elsewhere. */
import type { JobEvent__Output } from '@lockstep/client';
import pc from 'picocolors';

/** Where progress goes and how. */
export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
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

const BAR_CELLS = 24;

/** Seconds as people read them: "0.8 s", "3 min 20 s", "2 h 5 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number in at most four significant digits. */
export function formatNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(3);
  return String(Number(value.toPrecision(4)));
}

/** The line shown while steps are committed. */
export function progressLine(
  progress: NonNullable<JobEvent__Output['stepsCommitted']>['progress'],
  columns: number,
): string {
  if (!progress) return '';
  const done = progress.totalSteps > 0 ? progress.step / progress.totalSteps : 0;
  const filled = Math.round(done * BAR_CELLS);
  const bar = `${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}`;
  const line = [
    `epoch ${progress.epoch}/${progress.totalEpochs} [${bar}] step ${progress.step}/${progress.totalSteps}`,
    `loss ${formatNumber(progress.trainLoss)}`,
    `${Math.round(progress.samplesPerSecond)} samples/s`,
    `ETA ${formatDuration(progress.remainingSeconds)}`,
  ].join('  ');
  return line.slice(0, Math.max(20, columns - 1));
}

/** The line written when an epoch has ended. */
export function epochLine(epoch: NonNullable<JobEvent__Output['epochEnded']>, totalEpochs: number): string {
  const metrics = Object.entries(epoch.metrics)
    .filter(([name]) => name !== 'loss')
    .map(([name, value]) => `${name} ${formatNumber(value)}`);
  const of = totalEpochs > 0 ? `/${totalEpochs}` : '';
  return [
    `epoch ${epoch.epoch}${of}`,
    `loss ${formatNumber(epoch.trainLoss)}`,
    ...metrics,
    formatDuration(epoch.seconds),
  ].join('  ');
}

/** Progress on a stream; redraws only where the stream is a terminal. */
export function createProgress({ stream, quiet }: ProgressOptions): Progress {
  const redraw = stream.isTTY === true;
  let drawn = false;
  let totalEpochs = 0;
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
        if (warning || !quiet) line(warning ? `${pc.yellow('warning')} ${event.note.message}` : event.note.message);
      }
      if (quiet) return;
      if (event.stateChanged) line(`${pc.dim(stateWord(event.stateChanged.state))} ${event.stateChanged.reason}`);
      if (event.workerChanged) {
        const { workerId, change, reason } = event.workerChanged;
        line(`${pc.dim('worker')} ${workerId} ${change}${reason ? `: ${reason}` : ''}`);
      }
      if (event.stepsCommitted?.progress) {
        totalEpochs = event.stepsCommitted.progress.totalEpochs;
        if (redraw) {
          stream.write(`\r\u001b[2K${progressLine(event.stepsCommitted.progress, stream.columns ?? 100)}`);
          drawn = true;
        }
      }
      if (event.epochEnded) line(epochLine(event.epochEnded, totalEpochs));
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
