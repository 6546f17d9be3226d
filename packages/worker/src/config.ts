/** What a worker is told when it starts. */

import type { AccessOptions, NatsAccessPaths } from '@lockstep/protocol';
import type { MetricsAddress } from './metrics-access.js';

/** Device of the engine. */
export type Device = 'auto' | 'cpu' | 'cuda' | 'webgpu';
/** How the engine's library is called. */
export type EngineAdapter = 'auto' | 'c-api' | 'binding';

/** Options of {@link runWorker}. */
export interface WorkerConfig {
  /** Address of the coordinator, "host:port"; where it comes late, everything else is ready by then. */
  readonly server: string | Promise<string>;
  /** How the worker shows who it is. @default nothing, which does on loopback */
  readonly access?: AccessOptions;
  /** How the worker logs in to NATS by itself. @default {} takes what the coordinator gives */
  readonly nats?: NatsAccessPaths;
  /** Stable name shown in lists and metrics. @default chosen by the coordinator */
  readonly name?: string;
  /** "auto", "cpu", "cuda" or "webgpu". */
  readonly device: string;
  /** "onnxruntime" or "tfjs". @default 'onnxruntime' */
  readonly engine?: string;
  /** How ONNX Runtime is called: "auto", "c-api" or "binding". @default 'auto' */
  readonly adapter?: string;
  /** "none", "basic", "extended" or "all". @default 'all' */
  readonly optimisation?: string;
  /** Lanes that are computed at once, 1 to 4. @default 1 */
  readonly replicas?: number;
  /** Where /metrics and /healthz are served, and to whom. @default nowhere */
  readonly metrics?: MetricsAddress;
  /** Level of pino: "trace" to "fatal", or "silent". */
  readonly logLevel: string;
}

/** 0 left in order, 130 interrupted; any other end is thrown as an error that carries its exit code. */
export type ExitCode = 0 | 130;
