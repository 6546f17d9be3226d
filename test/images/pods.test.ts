/** The pods that the chart renders, as containers: TLS, tokens, a job by a client without our code, Prometheus. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GenericContainer } from 'testcontainers';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { find, list, type Manifest, read, renderText, toManifests } from '../chart/helm.ts';
import { imageOf, prometheusContainer, queryPrometheus, until } from '../support/containers.ts';
import { ROOT, scratch, trainJson } from '../support/lockstep.ts';

const MONITORS = ['ServiceMonitor', 'PodMonitor'].map((kind) => `monitoring.coreos.com/v1/${kind}`);
const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const DATA = join(ROOT, 'examples/breast-cancer/data.csv');
/** Steps of that job. */
const STEPS = 150;
/** Name of the network that run.mjs makes. */
const NETWORK = 'lockstep-pods';
/** Where Prometheus has the CA's certificate. */
const CA = '/tmp/ca.crt';
const COORDINATOR = 'training-lockstep-coordinator-0';

const program = promisify(execFile);
const node = async (...args: readonly string[]): Promise<string> =>
  (await program(process.execPath, [...args], { cwd: ROOT })).stdout;

/** A key of a Secret, decoded. */
const secretOf = (objects: readonly Manifest[], name: string, key: string): string =>
  Buffer.from(String(read(find(objects, 'Secret', name), `data.${key.replaceAll('.', '\\')}`)), 'base64').toString();

/** A Prometheus with what its operator makes of the chart's two monitors, pods by their names in place of discovery. */
function prometheusOf(objects: readonly Manifest[]): GenericContainer {
  const [endpoint] = list(find(objects, 'ServiceMonitor'), 'spec.endpoints');
  const credentials = read(endpoint, 'authorization.credentials');
  const ca = read(endpoint, 'tlsConfig.ca.secret');
  const configuration = stringify({
    global: { scrape_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'coordinator',
        scheme: read(endpoint, 'scheme'),
        authorization: { credentials: secretOf(objects, String(read(credentials, 'name')), 'token') },
        tls_config: {
          ca_file: CA,
          server_name: read(endpoint, 'tlsConfig.serverName'),
        },
        static_configs: [{ targets: [`${COORDINATOR}:9464`] }],
      },
      {
        job_name: 'workers',
        static_configs: [{ targets: [0, 1].map((index) => `training-lockstep-worker-cpu-${index}:9464`) }],
      },
    ],
  });
  const content = secretOf(objects, String(read(ca, 'name')), String(read(ca, 'key')));
  return prometheusContainer(configuration)
    .withCopyContentToContainer([{ content, target: CA }])
    .withNetworkMode(NETWORK);
}

/** Starts the pods of a manifest; they are gone when the test ends. */
async function startPods(text: string): Promise<{
  readonly folder: string;
  /** "127.0.0.1:port" of the coordinator. */
  readonly server: string;
  /** Does what `helm test` does. @returns what the pods of tests printed */
  helmTest(): Promise<string>;
}> {
  const folder = scratch();
  const manifest = join(folder, 'pods.yaml');
  writeFileSync(manifest, text);
  const ours = ['coordinator', 'worker'].map((role) => `lockstep-${role}:0.1.0=${imageOf(role)}`);
  const images = [...ours, `nats:2.15.1=${process.env.NATS_IMAGE ?? 'nats:2.15.1'}`];
  const run = (verb: string, ...options: readonly string[]): Promise<string> =>
    node('scripts/pods-in-docker/run.mjs', verb, manifest, join(folder, 'pods'), ...options);
  const replaced = images.flatMap((image) => ['--image', image]);
  onTestFinished(() => run('down').then(() => {}));
  await run('up', ...replaced, '--forward', `${COORDINATOR}=0:7070`);
  const container = `${COORDINATOR}-coordinator`;
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await program('docker', [...args])).stdout.trim();
  await until('the coordinator is well', () =>
    docker('exec', container, '/usr/local/bin/node', '/app/health.js').then(
      () => true,
      () => false,
    ),
  );
  return { folder, server: await docker('port', container, '7070/tcp'), helmTest: () => run('test', ...replaced) };
}

it("the chart's pods train a job that a plain gRPC client submits through TLS, and Prometheus reads them", async () => {
  const local = await trainJson([SPEC, '--out', join(scratch(), 'local')]);
  const text = renderText({ release: 'training', apiVersions: MONITORS });
  const objects = toManifests(text);
  const { folder, server, helmTest } = await startPods(text);
  expect(await helmTest()).toBe('');

  const ca = join(folder, 'ca.crt');
  writeFileSync(ca, secretOf(objects, '-coordinator-tls', 'ca.crt'));
  const token = join(folder, 'token');
  writeFileSync(token, secretOf(objects, '-submitter-token', 'token'));
  const prometheus = await prometheusOf(objects).start();
  onTestFinished(() => prometheus.stop({ timeout: 0 }).then(() => {}));

  const client = ['examples/grpc-client/submit.mjs', SPEC, DATA, join(folder, 'model.onnx')];
  const printed = await node(...client, '--server', server, '--ca', ca, '--token-file', token);
  expect(JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    ...{ state: 'JOB_STATE_SUCCEEDED', link: 'network', parametersSha256: local.parametersSha256 },
  });
  expect(await helmTest()).toContain('succeeded');
  await until('Prometheus reads all', async () => (await queryPrometheus(prometheus, 'up == 1')).length === 3);
  await until(
    'it has every step',
    async () => (await queryPrometheus(prometheus, 'lockstep_steps_total'))[0] === STEPS,
  );
});
