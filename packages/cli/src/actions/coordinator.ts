/** Runs a coordinator in this process, with a nats-server of its own when none is given. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { startPreparation } from '@lockstep/data/preparation';
import type { NatsAccessPaths } from '@lockstep/protocol';
import { type DashboardFlags, dashboardOf } from '../dashboard.js';
import type { KeptNats } from '../local/kept-nats.js';
import { type NamespaceFlags, namespacesOf } from '../namespaces.js';
import { type NatsAccessFlags, natsAccessOf } from '../nats-access.js';
import { parseLogLevel } from '../options.js';
import { workWithoutReader } from '../output-streams.js';
import { exitWithParent, LateValues } from '../parent-process.js';
import { type SecurityFlags, securityOf } from '../security.js';
import { parsePort } from '../server-address.js';

/** Options of `lockstep coordinator`. */
export interface CoordinatorOptions extends SecurityFlags, NatsAccessFlags, NamespaceFlags, DashboardFlags {
  readonly host: string;
  readonly port: string;
  readonly metricsPort: string;
  readonly nats?: string | undefined;
  readonly natsServer?: string | undefined;
  readonly store: string;
  readonly runFolder?: string | undefined;
  readonly discardStore?: true | undefined;
  readonly logLevel: string;
  readonly exitWithParent?: true | undefined;
}

/** Runs `lockstep coordinator` until it is told to stop. */
export async function coordinator(options: CoordinatorOptions): Promise<void> {
  workWithoutReader();
  const store = resolve(options.store);
  const discard = (): void => {
    if (options.discardStore) rmSync(store, { recursive: true, force: true });
  };
  if (options.exitWithParent) exitWithParent(discard);
  const port = parsePort(options.port, '--port');
  const metricsPort = parsePort(options.metricsPort, '--metrics-port');
  const logLevel = parseLogLevel(options.logLevel);
  const perNamespace = namespacesOf(options);
  const dashboard = dashboardOf(options);
  // The slowest to be ready of all that a job needs. Where a job is certain to come, it starts before anything is loaded.
  const preparation = options.discardStore ? startPreparation() : undefined;
  const late = new LateValues();
  const loading = import('@lockstep/coordinator');
  const nats = await natsOf(options, late, options.discardStore ? undefined : store);
  const natsAccess = options.nats ? await givenAccess(options, late) : { accountKey: nats.accountKey };
  try {
    const runFolder = options.runFolder ? await late.of(options.runFolder) : undefined;
    const { runCoordinator } = await loading;
    const running = await runCoordinator({
      host: options.host,
      port,
      metricsPort,
      ...dashboard,
      security: securityOf(options),
      ...perNamespace,
      natsServers: [nats.url],
      natsAccess,
      storeDirectory: store,
      ...(runFolder ? { runDirectory: resolve(runFolder) } : {}),
      isTransient: options.discardStore === true,
      logLevel,
      ...(preparation ? { preparation } : {}),
    });
    process.exitCode = await Promise.race([running.stopped, nats.failed]);
  } finally {
    await nats.stop();
  }
}

async function givenAccess(options: CoordinatorOptions, late: LateValues): Promise<NatsAccessPaths> {
  const { natsAccountKey: key } = options;
  return natsAccessOf({ ...options, ...(key ? { natsAccountKey: await late.of(key) } : {}) });
}

/** The nats-server that is given, else one of this command's own. */
async function natsOf(
  { nats, natsServer }: CoordinatorOptions,
  late: LateValues,
  store: string | undefined,
): Promise<KeptNats> {
  if (nats) return { url: await late.of(nats), accountKey: '', failed: new Promise(() => {}), stop: async () => {} };
  const { keepNats } = await import('../local/kept-nats.js');
  return keepNats({
    serverPath: natsServer,
    store,
    note: (text) => process.stderr.write(`${text}\n`),
  });
}
