/** Runs a worker in this process. */
import { runWorker } from '@lockstep/worker';
import { type AccessFlags, accessOf } from '../access.js';
import { type NatsAccessFlags, workerAccessOf } from '../nats-access.js';
import { parseLogLevel } from '../options.js';
import { exitWithParent, LateValues } from '../parent-process.js';
import { parsePort, serverAddress } from '../server-address.js';

/** Options of `lockstep worker`. */
export interface WorkerOptions extends AccessFlags, NatsAccessFlags {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly name?: string | undefined;
  readonly device: string;
  readonly engine: string;
  readonly engineAdapter: string;
  readonly engineOptimisation: string;
  readonly replicas: string;
  readonly metricsHost: string;
  readonly metricsPort: string;
  readonly metricsTokenFile?: string | undefined;
  readonly metricsInsecure?: true | undefined;
  readonly logLevel: string;
  readonly exitWithParent?: true | undefined;
}

/** Runs `lockstep worker` until it is told to stop. */
export async function worker(options: WorkerOptions): Promise<void> {
  if (options.exitWithParent) exitWithParent();
  process.exitCode = await runWorker({
    server: options.server === '-' ? new LateValues().of('-').then(serverAddress) : serverAddress(options.server),
    access: accessOf(options, options.token),
    nats: workerAccessOf(options),
    ...(options.name ? { name: options.name } : {}),
    device: options.device,
    engine: options.engine,
    adapter: options.engineAdapter,
    optimisation: options.engineOptimisation,
    replicas: Number(options.replicas),
    metrics: {
      ...{ host: options.metricsHost, port: parsePort(options.metricsPort, '--metrics-port') },
      ...(options.metricsTokenFile ? { tokenFile: options.metricsTokenFile } : {}),
      insecure: options.metricsInsecure === true,
    },
    logLevel: parseLogLevel(options.logLevel),
  });
}
