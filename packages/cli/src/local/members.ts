/** The coordinator and the workers of a service, as children of this command that end with it. */
import type { NatsAccessPaths } from '@lockstep/protocol';
import { natsAccessArgs } from '../nats-access.js';
import { type CoordinatorAddresses, coordinatorAddresses } from './child-words.js';
import { heardLater } from './first-failure.js';
import { type ChildCommand, type SpawnOptions, spawnLockstep } from './processes.js';

/** What both kinds are started with. */
interface MemberOptions extends Pick<SpawnOptions, 'onErrorLine'> {
  /** Least level of what it logs. @default 'warn' */
  readonly logLevel?: 'warn' | 'error';
}

/** What a coordinator is started with. */
export interface CoordinatorMemberOptions extends MemberOptions {
  /** Address that it listens on. @default loopback */
  readonly host?: string;
  /** Whether other machines may come in freely. @default false */
  readonly insecure?: boolean;
  /** Port of its gRPC; 0 takes a free one. */
  readonly port: string;
  /** Port of /metrics. @default a free one */
  readonly metricsPort?: string;
  /** Whether it serves a dashboard. @default true */
  readonly dashboard?: boolean;
  /** Folder of its store. */
  readonly store: string;
  /** The nats-server, once it answers. */
  readonly nats: Promise<NatsPlace>;
  /** How a coordinator or worker logs in there, where that is no server of this command's own. */
  readonly natsAccess?: NatsAccessPaths | undefined;
  /** Folder of the one job that is run, once it is known; the store then goes with the coordinator. */
  readonly runFolder?: Promise<string>;
  /** Ends the wait for it. */
  readonly signal: AbortSignal;
}

/** Where a nats-server is. */
export interface NatsPlace {
  readonly url: string;
  /** File of the key that makes users of it. @default none is known */
  readonly accountKey?: string | undefined;
}

/** A coordinator that starts or runs. */
export interface CoordinatorMember {
  readonly process: ChildCommand;
  /** Its addresses once it listens. Rejects with what it ended with, what it waited for, or INTERRUPTED once told to stop. */
  readonly listening: Promise<CoordinatorAddresses>;
}

/** Starts a coordinator, which loads while its nats-server starts. */
export function startCoordinator(options: CoordinatorMemberOptions): CoordinatorMember {
  const { host = '127.0.0.1', insecure = false, port, metricsPort = '0', dashboard = true } = options;
  const { store, nats, runFolder, signal } = options;
  const { accountKey: _, ...natsAccess } = options.natsAccess ?? {};
  const child = spawnMember(options, [
    ...['coordinator', '--host', host, '--port', port, '--metrics-port', metricsPort, '--store', store],
    ...['--nats', '-', '--nats-account-key', '-', ...natsAccessArgs(natsAccess)],
    ...(insecure ? ['--insecure'] : []),
    ...(dashboard ? [] : ['--no-dashboard']),
    ...(runFolder ? ['--run-folder', '-', '--discard-store'] : []),
  ]);
  const listen = async (): Promise<CoordinatorAddresses> => {
    const { url, accountKey } = await nats;
    child.tell(url);
    child.tell(accountKey ?? '');
    if (runFolder) child.tell(await runFolder);
    return coordinatorAddresses(child, signal);
  };
  return { process: child, listening: heardLater(listen()) };
}

/** What a worker is started with. */
export interface WorkerMemberOptions extends MemberOptions {
  readonly name: string;
  readonly device: string;
  /** "onnxruntime" or "tfjs". */
  readonly engine: string;
  /** "host:port" of the coordinator, once it listens. */
  readonly address: Promise<string>;
  /** How it logs in to NATS by itself. @default as the coordinator says */
  readonly natsAccess?: NatsAccessPaths | undefined;
}

/** Starts a worker, which loads while its coordinator starts. */
export function startWorker(options: WorkerMemberOptions): ChildCommand {
  const { name, device, engine, address, natsAccess = {} } = options;
  const child = spawnMember(options, [
    ...['worker', '--server', '-', '--name', name, '--device', device, '--engine', engine],
    ...natsAccessArgs(natsAccess),
  ]);
  address.then(
    (known) => child.tell(known),
    () => {},
  );
  return child;
}

function spawnMember({ logLevel = 'warn', onErrorLine }: MemberOptions, args: readonly string[]): ChildCommand {
  return spawnLockstep([...args, '--exit-with-parent', '--log-level', logLevel], {
    ownSession: true,
    ...(onErrorLine ? { onErrorLine } : {}),
  });
}
