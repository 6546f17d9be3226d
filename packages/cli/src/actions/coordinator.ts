/** Runs a coordinator in this process, with a nats-server of its own when none is given. */
import { resolve } from 'node:path';
import { runCoordinator } from '@lockstep/coordinator';
import { startNats } from '../local/start-nats.js';
import { parsePort } from '../server-address.js';

/** Options of `lockstep coordinator`. */
export interface CoordinatorOptions {
  readonly host: string;
  readonly port: string;
  readonly metricsPort: string;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly store: string;
  readonly logLevel: string;
  readonly exitWithParent?: true | undefined;
}

/** Runs `lockstep coordinator` until it is told to stop. */
export async function coordinator(options: CoordinatorOptions): Promise<void> {
  const port = parsePort(options.port, '--port');
  const metricsPort = parsePort(options.metricsPort, '--metrics-port');
  const nats = options.nats
    ? null
    : await startNats({
        ...(options.natsServer ? { serverPath: options.natsServer } : {}),
        note: (text) => process.stderr.write(`${text}\n`),
      });
  try {
    const running = await runCoordinator({
      host: options.host,
      port,
      metricsPort,
      natsServers: [options.nats ?? nats?.url ?? ''],
      storeDirectory: resolve(options.store),
      exitWithParent: options.exitWithParent === true,
      logLevel: options.logLevel,
    });
    process.exitCode = await running.stopped;
  } finally {
    await nats?.stop();
  }
}
