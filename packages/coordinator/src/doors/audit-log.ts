/** Who has done what, or has tried to: one JSON object per line. */
import * as grpc from '@grpc/grpc-js';
import { writeError } from '@lockstep/protocol/core';
import { type Logger, pino } from 'pino';
import type { Principal } from '../core/principal.js';

/** One line. Nothing of it comes from a credential but the id of its owner. */
export interface AuditEntry {
  /** Null where nobody is known. */
  readonly who: Principal | null;
  /** Method or route. */
  readonly what: string;
  /** Job, upload or worker that it was done on; '' where there is none. */
  readonly on: string;
  /** Address that it came from. */
  readonly from: string;
  readonly outcome: 'allowed' | 'denied' | 'failed';
  /** gRPC status or HTTP status. */
  readonly status: string | number;
}

/** Methods that a worker calls all the time: told of where they are denied. */
const FREQUENT = /\/(Heartbeat|GetParameters|GetResidual|ReadShard)$/;
/** Characters of what a caller names. */
const MAX_ON = 200;

/** A file, or the log of the coordinator. */
export class AuditLog {
  readonly #logger: Logger;

  private constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Opens it.
   * @param path file that lines are added to, readable to its owner alone; null takes the log of the coordinator
   * @throws LockstepError OUTPUT_UNWRITABLE
   */
  static open(path: string | null, log: Logger): AuditLog {
    if (path === null) return new AuditLog(log.child({ audit: true }));
    try {
      const options = {
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (level: string) => ({ level }) },
      };
      return new AuditLog(pino(options, pino.destination({ dest: path, append: true, mode: 0o600, sync: true })));
    } catch (cause) {
      throw writeError(path, cause, { field: '--audit-log' });
    }
  }

  record({ who, on, ...rest }: AuditEntry): void {
    if (rest.outcome === 'allowed' && FREQUENT.test(rest.what)) return;
    this.#logger.info({ who: who?.id ?? null, role: who?.role ?? null, on: on.slice(0, MAX_ON), ...rest });
  }
}

/** What a request or an answer is about, of those that name it. */
export function subjectOf(message: unknown): string {
  const named = message as { jobId?: unknown; workerName?: unknown; sha256?: unknown; job?: { id?: unknown } | null };
  const found = [named.jobId, named.workerName, named.sha256, named.job?.id].find((text) => typeof text === 'string');
  return typeof found === 'string' ? found : '';
}

/** How a call ended, by its status; a client that hangs up has been let in. */
export function outcomeOf(code: grpc.status): AuditEntry['outcome'] {
  if (code === grpc.status.OK || code === grpc.status.CANCELLED) return 'allowed';
  return code === grpc.status.PERMISSION_DENIED || code === grpc.status.UNAUTHENTICATED ? 'denied' : 'failed';
}
