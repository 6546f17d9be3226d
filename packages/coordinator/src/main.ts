/** Composition root of a coordinator process: alone handles signals. */
import { createLogger } from '@lockstep/protocol/log';
import type { CoordinatorConfig } from './config.js';
import { Coordinator, VERSION } from './coordinator.js';
import { openTracing } from './tracing/open-tracing.js';

/** A coordinator that is running. */
export interface RunningCoordinator {
  /** "host:port" of gRPC. */
  readonly address: string;
  /** "host:port" of /metrics. */
  readonly metricsAddress: string;
  /** Address of the dashboard; null where it is not served. */
  readonly dashboardUrl: string | null;
  /** Settles with the exit code once it has stopped: 0 after SIGTERM or SIGHUP, 130 after SIGINT. */
  readonly stopped: Promise<0 | 130>;
}

/**
 * Runs a coordinator in this process. Prints one JSON line with its addresses on stdout once it listens.
 * @throws LockstepError STORE_IN_USE, PORT_IN_USE, NATS_UNREACHABLE, NATS_SERVER_TOO_OLD, OUTPUT_UNWRITABLE,
 *   LISTENER_UNPROTECTED, TLS_INVALID, TOKENS_INVALID, NATS_REFUSED, NATS_LOGIN_INVALID
 */
export async function runCoordinator(config: CoordinatorConfig): Promise<RunningCoordinator> {
  const logger = createLogger(config.logLevel, { process: 'coordinator' });
  const tracing = await openTracing(process.env, VERSION, logger);
  const coordinator = await Coordinator.open(config, logger, { tracing });
  let listening: Awaited<ReturnType<Coordinator['start']>>;
  try {
    listening = await coordinator.start();
  } catch (thrown) {
    await coordinator.stop('it could not start').catch(() => {});
    throw thrown;
  }
  const { address, metricsAddress, dashboardUrl } = listening;
  logger.info({ address, metricsAddress, dashboardUrl, store: config.storeDirectory }, 'listening');
  const told = { listening: address, metrics: metricsAddress, dashboard: dashboardUrl };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  const stopped = new Promise<0 | 130>((resolve) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (isStopping) process.exit(130);
      isStopping = true;
      logger.info({ signal }, 'stopping');
      coordinator
        .stop(`the coordinator was stopped by ${signal}`)
        .finally(() => resolve(signal === 'SIGINT' ? 130 : 0));
    };
    // SIGHUP comes when the terminal is closed.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  });
  return { address, metricsAddress, dashboardUrl, stopped };
}
