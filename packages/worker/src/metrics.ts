/** Every series of a worker, once: name, help, unit, labels. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Buckets from 0.1 ms to a minute, for steps of small and large models. */
const SECONDS_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60];

/** The worker's part of a step. */
export type WorkerPhase = 'wait_parameters' | 'compute' | 'upload';

/** Series of one worker process. */
export class WorkerMetrics {
  readonly registry = new Registry();
  readonly #worker: string;
  readonly #phaseSeconds = new Histogram({
    name: 'lockstep_step_phase_seconds',
    help: 'Seconds of a phase of a step',
    labelNames: ['phase', 'worker'] as const,
    buckets: SECONDS_BUCKETS,
    registers: [this.registry],
  });
  readonly #lanes = new Counter({
    name: 'lockstep_lanes_computed_total',
    help: 'Lanes whose gradient was sent',
    labelNames: ['worker'] as const,
    registers: [this.registry],
  });
  readonly #transportBytes = new Counter({
    name: 'lockstep_transport_bytes_total',
    help: 'Payload bytes sent and received',
    labelNames: ['transport', 'direction'] as const,
    registers: [this.registry],
  });

  /** @param worker name of this worker in the labels */
  constructor(worker: string, version: string) {
    this.#worker = worker;
    this.#lanes.inc({ worker }, 0);
    new Gauge({
      name: 'lockstep_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node', 'component'] as const,
      registers: [this.registry],
    }).set({ version, node: process.versions.node, component: 'worker' }, 1);
  }

  /** A phase of a step took so long. */
  phase(phase: WorkerPhase, seconds: number): void {
    this.#phaseSeconds.observe({ phase, worker: this.#worker }, seconds);
  }

  /** Gradients of lanes were sent. */
  lanesComputed(count: number): void {
    this.#lanes.inc({ worker: this.#worker }, count);
  }

  /** Payload bytes went over a transport. */
  transported(transport: 'grpc' | 'nats' | 'host', direction: 'in' | 'out', bytes: number): void {
    this.#transportBytes.inc({ transport, direction }, bytes);
  }
}
