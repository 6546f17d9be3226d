/** The log of a process: a JSON object per line on stderr, the same fields everywhere, no secrets. See docs/guide/logs.md. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { redact } from '../core/redact.js';
import { LockstepError } from '../errors/lockstep-error.js';
import { MAX_UNWRITTEN_LOG } from '../limits.js';

/** Who logs. */
export interface LogSource {
  readonly process: 'coordinator' | 'worker';
  /** Name of the worker. */
  readonly worker?: string;
}

/**
 * Opens the log.
 * @param level of pino: "trace" to "fatal", or "silent"
 * @param destination @default stderr, which may fail, as on a full disk, without ending anything
 */
export function createLogger(level: string, source: LogSource, destination: DestinationStream = stderr()): Logger {
  return pino(
    {
      level,
      base: { ...source, pid: process.pid },
      formatters: { log: withCode },
    },
    // Whole lines: a secret may be in a message, a stack or the cause of a cause.
    { write: (line) => destination.write(redact(line)) },
  );
}

/** The code of the error that a line is about, where the line names none. */
function withCode(fields: Record<string, unknown>): Record<string, unknown> {
  const { err } = fields;
  return err instanceof LockstepError && fields.code === undefined ? { ...fields, code: err.code } : fields;
}

function stderr(): DestinationStream {
  return pino.destination({ fd: 2, sync: true, maxLength: MAX_UNWRITTEN_LOG }).on('error', () => {});
}
