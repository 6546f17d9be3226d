/** Who has done what, or has tried to: one JSON object per line. */
import * as grpc from '@grpc/grpc-js';
import { addressGroup, hostOf } from '@lockstep/protocol';
import { type Logger, pino } from 'pino';
import { LineLimit } from '../core/line-limit.js';
import type { Principal } from '../core/principal.js';
import { REFUSED_LINES } from '../limits.js';
import { AuditFile, type WriteSome } from './audit-file.js';

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
  readonly #file: AuditFile | null;
  /** Apart, so that a flood of strangers hides nothing of those who are known. */
  readonly #limits = { known: new LineLimit(REFUSED_LINES), strangers: new LineLimit(REFUSED_LINES) };
  readonly #timer: NodeJS.Timeout;

  private constructor(logger: Logger, file: AuditFile | null) {
    this.#logger = logger;
    this.#file = file;
    this.#timer = setInterval(() => {
      this.#tellUntold();
      this.#file?.flush();
    }, REFUSED_LINES.windowMs).unref();
  }

  /**
   * Opens it.
   * @param path file that lines are added to, readable to its owner alone; null takes the log of the coordinator
   * @throws LockstepError OUTPUT_UNWRITABLE
   */
  static open(path: string | null, log: Logger, writeSome?: WriteSome): AuditLog {
    if (path === null) return new AuditLog(log.child({ audit: true }), null);
    const file = new AuditFile(path, log, writeSome);
    const options = {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level: string) => ({ level }) },
    };
    return new AuditLog(pino(options, { write: (line: string) => file.write(line) }), file);
  }

  /** Tells of a call; of calls that were refused a few of each caller in a minute, and then how many more there were. */
  record({ who, on, ...rest }: AuditEntry): void {
    if (rest.outcome === 'allowed' && FREQUENT.test(rest.what)) return;
    this.#tellUntold();
    const caller = who?.id ?? addressGroup(hostOf(rest.from));
    const limit = who ? this.#limits.known : this.#limits.strangers;
    if (rest.outcome !== 'allowed' && !limit.tells(caller, Date.now())) return;
    this.#logger.info({ who: who?.id ?? null, role: who?.role ?? null, on: on.slice(0, MAX_ON), ...rest });
  }

  /** Whether every line so far is kept, so that what is done next will be. Lines that wait are tried again. */
  isKept(): boolean {
    return this.#file?.flush() ?? true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tellUntold(true);
    this.#file?.close();
  }

  #tellUntold(isLast = false): void {
    const untold = Object.values(this.#limits).flatMap((limit) => limit.end(Date.now(), isLast));
    for (const { caller, count } of untold) {
      this.#logger.info({ who: null, what: 'more calls that were refused', from: caller ?? 'others', count });
    }
  }
}

/** What a request or an answer is about, of those that name it. */
export function subjectOf(message: unknown): string {
  const named = message as { jobId?: unknown; workerName?: unknown; sha256?: unknown; job?: { id?: unknown } | null };
  const found = [named.jobId, named.workerName, named.sha256, named.job?.id].find((text) => typeof text === 'string');
  return typeof found === 'string' ? found : '';
}

/** How a call ended, by its status. Whoever was let in and hangs up was allowed; whoever is not known yet was not. */
export function outcomeOf(code: grpc.status, who: Principal | null): AuditEntry['outcome'] {
  if (code === grpc.status.OK) return 'allowed';
  if (code === grpc.status.CANCELLED) return who ? 'allowed' : 'failed';
  return code === grpc.status.PERMISSION_DENIED || code === grpc.status.UNAUTHENTICATED ? 'denied' : 'failed';
}
