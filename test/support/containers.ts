/** Containers of our images as an operator runs them: a numbered user, a read-only root, no capabilities. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { onTestFinished } from 'vitest';

/** Port of gRPC in a coordinator's container. */
const GRPC_PORT = 7070;
/** Port of /metrics in a container of ours. */
const METRICS_PORT = 9464;
const PROMETHEUS_PORT = 9090;
/** Milliseconds until a container has to be well. */
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/** Names of the images under test: `deploy/docker/build --tag test` makes them. */
export const imageOf = (role: string): string => `lockstep-${role}:test`;

/** A container of ours that is well. */
export interface Member {
  readonly container: StartedTestContainer;
  readonly id: string;
  /** "host:port" of gRPC from outside; empty where it has none. */
  readonly address: string;
  /** Its /metrics page. */
  metrics(): Promise<string>;
  /** What it has written to standard error and output so far. */
  log(): string;
  /** Sends SIGTERM, as `docker stop` does. @returns its exit code and how long it took */
  stop(): Promise<{ readonly exitCode: number; readonly seconds: number }>;
}

/** What can be told of a container; the rest is the same for all. */
export interface MemberOptions {
  readonly role: 'coordinator' | 'worker' | 'all-in-one';
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of this machine, by their paths in the container. */
  readonly files?: Readonly<Record<string, string>>;
}

class Hardened extends GenericContainer {
  constructor(image: string) {
    super(image);
    this.hostConfig.ReadonlyRootfs = true;
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges').withTmpFs({ '/tmp': 'rw,mode=1777' });
  }
}

/** A network of containers that ends with the test. */
export class Rig {
  readonly #network: StartedNetwork;

  private constructor(network: StartedNetwork) {
    this.#network = network;
  }

  static async open(): Promise<Rig> {
    const network = await new Network().start();
    onTestFinished(() => network.stop().then(() => {}));
    return new Rig(network);
  }

  /** Starts a container of somebody else's program. */
  async add(name: string, container: GenericContainer): Promise<StartedTestContainer> {
    const started = await container.withNetwork(this.#network).withNetworkAliases(name).start();
    onTestFinished(() => started.stop({ timeout: 0 }).then(() => {}));
    return started;
  }

  /** Starts one of ours and waits until its health check says that it is well. */
  async start({ role, name, command, environment = {}, files = {} }: MemberOptions): Promise<Member> {
    const log: string[] = [];
    const image = await inspectImage(imageOf(role));
    const ports = role === 'worker' ? [METRICS_PORT] : [GRPC_PORT, METRICS_PORT];
    const container = await this.add(
      name,
      new Hardened(imageOf(role))
        .withCommand([...command])
        .withEnvironment({ ...environment })
        .withBindMounts(Object.entries(files).map(([target, source]) => ({ source, target, mode: 'ro' as const })))
        .withExposedPorts(...ports)
        .withHealthCheck({ test: image.Config.Healthcheck.Test as ['CMD', string], interval: 500, retries: 100 })
        .withLogConsumer((stream) => stream.on('data', (piece: Buffer) => log.push(piece.toString())))
        .withWaitStrategy(Wait.forHealthCheck())
        .withStartupTimeout(PATIENCE_MS),
    ).catch((thrown: unknown) => {
      throw new Error(`${name} is not well: ${(thrown as Error).message}\n${log.join('')}`);
    });
    return {
      container,
      id: container.getId(),
      address: role === 'worker' ? '' : `${container.getHost()}:${container.getMappedPort(GRPC_PORT)}`,
      metrics: async () =>
        (await fetch(`http://${container.getHost()}:${container.getMappedPort(METRICS_PORT)}/metrics`)).text(),
      log: () => log.join(''),
      stop: () => stopped(container.getId()),
    };
  }

  /** Takes a container off the network: nothing of its connections gets through, and nobody is told. */
  async cut({ id }: Member): Promise<void> {
    const { container } = await getContainerRuntimeClient();
    await container.dockerode.getNetwork(this.#network.getId()).disconnect({ Container: id, Force: true });
  }

  /** Puts a container back. */
  async mend({ id }: Member, name: string): Promise<void> {
    const { container } = await getContainerRuntimeClient();
    const EndpointConfig = { Aliases: [name] };
    await container.dockerode.getNetwork(this.#network.getId()).connect({ Container: id, EndpointConfig });
  }
}

/** A Prometheus that reads what a configuration says, not started yet. */
export function prometheusContainer(configuration: string): GenericContainer {
  return new GenericContainer(process.env.PROMETHEUS_IMAGE ?? 'prom/prometheus:v2.42.0')
    .withCopyContentToContainer([{ content: configuration, target: '/tmp/prometheus.yml' }])
    .withCommand(['--config.file=/tmp/prometheus.yml', '--storage.tsdb.path=/tmp/data'])
    .withExposedPorts(PROMETHEUS_PORT)
    .withWaitStrategy(Wait.forHttp('/-/ready', PROMETHEUS_PORT));
}

/** Asks a running Prometheus. @returns the newest value of each series of a query */
export async function queryPrometheus(container: StartedTestContainer, expression: string): Promise<readonly number[]> {
  const address = `http://${container.getHost()}:${container.getMappedPort(PROMETHEUS_PORT)}`;
  const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result.map(({ value }) => Number(value[1]));
}

/** What an image says of itself; only what tests look at. */
export interface ImageFacts {
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly StopSignal: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Healthcheck: { readonly Test: readonly string[] };
  };
}

/** Looks at an image. */
export async function inspectImage(name: string): Promise<ImageFacts> {
  const { container } = await getContainerRuntimeClient();
  return (await container.dockerode.getImage(name).inspect()) as unknown as ImageFacts;
}

/** Runs Node in an image, without a network, and returns what it prints. */
export async function nodeIn(image: string, code: string): Promise<string> {
  const how = ['--rm', '--read-only', '--network', 'none', '--entrypoint', '/usr/local/bin/node'];
  const { stdout } = await promisify(execFile)('docker', ['run', ...how, image, '--input-type=module', '-e', code]);
  return stdout;
}

async function stopped(id: string): Promise<{ exitCode: number; seconds: number }> {
  const { container } = await getContainerRuntimeClient();
  const handle = container.dockerode.getContainer(id);
  const begun = performance.now();
  const ended = handle.wait() as Promise<{ StatusCode: number }>;
  await handle.kill({ signal: 'SIGTERM' });
  return { exitCode: (await ended).StatusCode, seconds: (performance.now() - begun) / 1000 };
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await sleep(POLL_MS);
  }
}
