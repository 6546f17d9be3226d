/** Series of the queue: who makes room, what is deleted, and what each namespace has and waits for. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { OTHERS } from './by-namespace.js';
import { DELETION_REASONS, type DeletionReason } from './core/retention.js';
import { MAX_NAMESPACE_SERIES } from './limits.js';
import type { NamespaceCounts } from './queue-counts.js';

/** The series. */
export class QueueMetrics {
  readonly #preemptions: Counter;
  readonly #deleted: Counter;
  readonly #waiting: Gauge;
  readonly #workers: Gauge;
  #count: () => ReadonlyMap<string, NamespaceCounts> = () => new Map();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#preemptions = new Counter({
      name: 'lockstep_preemptions_total',
      help: 'Times that a job was told to make room for one of higher priority.',
      registers,
    });
    this.#deleted = new Counter({
      name: 'lockstep_jobs_deleted_total',
      help: 'Ended jobs that were deleted: for their age, the number of their namespace, room for others, or on request.',
      labelNames: ['why'],
      registers,
    });
    for (const why of DELETION_REASONS) this.#deleted.inc({ why }, 0);
    this.#waiting = new Gauge({
      name: 'lockstep_namespace_jobs_waiting',
      help: `Jobs that wait for workers, by namespace; those of all but the ${MAX_NAMESPACE_SERIES} busiest together are "${OTHERS}".`,
      labelNames: ['namespace'],
      registers,
      collect: () => this.#collect(),
    });
    this.#workers = new Gauge({
      name: 'lockstep_namespace_workers',
      help: 'Workers that the jobs of a namespace hold.',
      labelNames: ['namespace'],
      registers,
    });
  }

  /** A job was told to make room. */
  jobPreempted(): void {
    this.#preemptions.inc();
  }

  /** An ended job was deleted. */
  jobDeleted(why: DeletionReason): void {
    this.#deleted.inc({ why });
  }

  /** Where namespaces are counted whenever somebody asks. */
  countNamespacesWith(count: () => ReadonlyMap<string, NamespaceCounts>): void {
    this.#count = count;
  }

  #collect(): void {
    this.#waiting.reset();
    this.#workers.reset();
    const busiest = [...this.#count()].sort(
      ([, one], [, other]) => other.workers + other.waiting - one.workers - one.waiting,
    );
    busiest.forEach(([name, { waiting, workers }], index) => {
      const namespace = index < MAX_NAMESPACE_SERIES ? name : OTHERS;
      this.#waiting.inc({ namespace }, waiting);
      this.#workers.inc({ namespace }, workers);
    });
  }
}
