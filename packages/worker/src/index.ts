/** A worker process: computes lanes of gradients on the local device. */
export type { ExitCode, WorkerConfig } from './config.js';
export { runWorker } from './main.js';
export { WorkerMetrics } from './metrics.js';
