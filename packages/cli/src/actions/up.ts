/** Runs a service on this machine in the foreground, and leaves nothing running. */
import { resolve } from 'node:path';
import { firstSignal } from '../first-signal.js';
import { MAX_WORKERS } from '../limits.js';
import type { CoordinatorAddresses } from '../local/child-words.js';
import { LocalService } from '../local/service.js';
import { type NatsAccessFlags, natsAccessOf } from '../nats-access.js';
import { parseCount } from '../options.js';
import { workWithoutReader } from '../output-streams.js';
import { shellWord } from '../render/shell-word.js';
import { parsePort } from '../server-address.js';

/** Options of `lockstep up`. */
export interface UpOptions extends NatsAccessFlags {
  readonly workers: string;
  readonly device: string;
  readonly engine: string;
  readonly host: string;
  readonly insecure?: true | undefined;
  readonly port: string;
  readonly metricsPort: string;
  readonly dashboard: boolean;
  readonly store: string;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
}

/** Runs `lockstep up` until a signal. @throws LockstepError of what cannot be started, or of what has died */
export async function up(options: UpOptions): Promise<void> {
  const { device, engine, nats, natsServer } = options;
  workWithoutReader();
  const workers = parseCount(options.workers, '--workers', MAX_WORKERS);
  parsePort(options.port, '--port');
  parsePort(options.metricsPort, '--metrics-port');
  const store = resolve(options.store);
  const signal = firstSignal();
  const { host, port, metricsPort, dashboard, insecure } = options;
  const service = new LocalService({
    ...{ workers, device, engine, host, port, metricsPort, dashboard, store, nats, natsServer, note },
    ...(insecure ? { insecure } : {}),
    natsAccess: nats ? natsAccessOf(options) : undefined,
  });
  const serving = service.ready.then((addresses) => {
    process.stdout.write(greeting(addresses, workers, store));
    return service.failed;
  });
  try {
    const ended = await Promise.race([signal, serving, service.failed]);
    await service.stop();
    note(`stopped; what has not ended goes on with: lockstep ${process.argv.slice(2).map(shellWord).join(' ')}`);
    process.exitCode = ended === 'SIGINT' ? 130 : 0;
  } catch (thrown) {
    await service.stop();
    throw thrown;
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function greeting(
  { address, metricsAddress, dashboardUrl }: CoordinatorAddresses,
  workers: number,
  store: string,
): string {
  return [
    ...(dashboardUrl === null ? [] : [`dashboard   ${dashboardUrl}`]),
    `coordinator ${address}  metrics http://${metricsAddress}/metrics  workers ${workers}  store ${store}`,
    `next        lockstep submit job.yaml --server ${address}`,
    ...(workers === 0 ? [`            lockstep worker --server ${address}`] : []),
    '',
  ].join('\n');
}
