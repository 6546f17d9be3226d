/** Coordinator, workers, nats-server and Prometheus in containers of their own: a job, a cut network, signals. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GenericContainer, Wait } from 'testcontainers';
import { describe, expect, it } from 'vitest';
import { accountConfig, Nkey } from '../../packages/protocol/src/nats/account.js';
import { TestAuthority } from '../support/certificates.ts';
import { type Member, prometheusContainer, queryPrometheus, Rig, until } from '../support/containers.ts';
import { lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';
import { sumOf } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
/** Enough steps for a fault to strike in their midst. */
const LONG = ['--set', 'train.epochs=120'];
const STEPS = 1800;
/** KiB of memory of its own that a worker may have while it has no job. */
const MAX_IDLE_KIB = 120 * 1024;

/** Looks at everybody once a second. */
const SCRAPE = `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: lockstep
    static_configs: [{ targets: ['coordinator:9464', 'worker-0:9464', 'worker-1:9464'] }]
`;

/** Prints the state of each process of a container, a letter each; Z is one that nobody has reaped. */
const STATES = `
const { readdirSync, readFileSync } = require('fs');
const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
console.log(pids.map((pid) => readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1][0]).join(''));
`;

interface Cluster {
  readonly rig: Rig;
  readonly coordinator: Member;
  readonly workers: readonly Member[];
  /** The newest value of each series of a query to Prometheus. */
  readonly query: (expression: string) => Promise<readonly number[]>;
}

async function startCluster(): Promise<Cluster> {
  const rig = await Rig.open();
  const authority = await TestAuthority.make();
  const key = Nkey.draw('account');
  await addNats(rig, authority, key);
  const accountKey = join(scratch(), 'account.key');
  writeFileSync(accountKey, key.seed);
  const coordinator = await rig.start({
    ...{ role: 'coordinator', name: 'coordinator' },
    command: [
      ...['coordinator', '--host', '0.0.0.0', '--insecure', '--metrics-port', '9464', '--store', '/var/lib/lockstep'],
      ...['--nats', 'nats://nats:4222', '--nats-account-key', '/tmp/account.key', '--nats-tls-ca', '/tmp/ca.pem'],
    ],
    files: { '/tmp/account.key': accountKey, '/tmp/ca.pem': authority.ca },
  });
  const workers = await Promise.all(['worker-0', 'worker-1'].map((name) => startWorker(rig, name)));
  const prometheus = await rig.add('prometheus', prometheusContainer(SCRAPE));
  const query = (expression: string): Promise<readonly number[]> => queryPrometheus(prometheus, expression);
  return { rig, coordinator, workers, query };
}

/** A nats-server that speaks TLS, and lets in nobody but users of an account. */
async function addNats(rig: Rig, authority: TestAuthority, key: Nkey): Promise<void> {
  const { cert, key: certKey } = await authority.server(['nats']);
  const files = [cert, certKey].map((path) => ({
    content: readFileSync(path, 'utf8'),
    target: `/tmp/${basename(path)}`,
  }));
  const [certPath, keyPath] = files.map(({ target }) => target);
  const config = `jetstream { store_dir: "/tmp/streams" }
tls { cert_file: "${certPath}", key_file: "${keyPath}" }
${accountConfig(key)}`;
  await rig.add(
    'nats',
    new GenericContainer(process.env.NATS_IMAGE ?? 'nats:2.15.1')
      .withCopyContentToContainer([...files, { content: config, target: '/tmp/nats.conf' }])
      .withCommand(['--config', '/tmp/nats.conf'])
      .withWaitStrategy(Wait.forLogMessage('Server is ready')),
  );
}

function startWorker(rig: Rig, name: string): Promise<Member> {
  const command = ['worker', '--name', name, '--server', 'coordinator:7070'];
  return rig.start({
    ...{ role: 'worker', name },
    command: [...command, '--metrics-host', '0.0.0.0', '--metrics-insecure', '--metrics-port', '9464'],
  });
}

const submit = async (coordinator: Member, args: readonly string[]) => {
  const out = join(scratch(), 'run');
  const result = await lockstep(['submit', SPEC, '--server', coordinator.address, '--out', out, '--json', ...args]);
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}\n${coordinator.log()}`);
  return lastJson(result);
};

const stepsOf = async (coordinator: Member): Promise<number> =>
  sumOf(await coordinator.metrics(), 'lockstep_steps_total');
const connected = async (coordinator: Member): Promise<number> =>
  sumOf(await coordinator.metrics(), 'lockstep_workers{state="connected"}');

/** KiB that only the process of a worker has. */
async function privateKib({ container }: Member): Promise<number> {
  const code = `
    const { readdirSync, readFileSync } = require('fs');
    const pid = readdirSync('/proc').find((name) => {
      try { return readFileSync('/proc/' + name + '/cmdline', 'utf8').startsWith('/usr/local/bin/node\\0/app/bin'); } catch {}
    });
    console.log(readFileSync('/proc/' + pid + '/smaps_rollup', 'utf8'));`;
  const { output } = await container.exec(['/usr/local/bin/node', '-e', code]);
  return [...output.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
}

describe('a cluster of containers', () => {
  it('trains to the parameters of a local run, over NATS with users and TLS, through a network that is cut and a worker that is told to stop', async () => {
    const local = await trainJson([SPEC, '--out', join(scratch(), 'local'), ...LONG]);
    const { rig, coordinator, workers, query } = await startCluster();
    const [cut, told] = workers as [Member, Member];
    for (const worker of workers) expect(await privateKib(worker)).toBeLessThan(MAX_IDLE_KIB);

    await until('Prometheus sees all', async () => (await query('up == 1')).length === 3);

    const training = submit(coordinator, LONG);
    await until('training is on its way', async () => (await stepsOf(coordinator)) > STEPS / 20);
    await rig.cut(cut);
    await until('the worker counts as lost', async () => (await connected(coordinator)) === 1);
    await until('Prometheus misses it', async () => (await query('up == 0')).length === 1);
    const before = await stepsOf(coordinator);
    await until('training goes on without it', async () => (await stepsOf(coordinator)) > before + STEPS / 20);
    await rig.mend(cut, 'worker-0');
    await until('it is back', async () => (await connected(coordinator)) === 2);
    expect((await told.stop()).exitCode).toBe(0);
    const third = await startWorker(rig, 'worker-2');

    const outcome = await training;
    expect(outcome).toMatchObject({ state: 'succeeded', link: 'network', parametersSha256: local.parametersSha256 });
    expect(await stepsOf(coordinator)).toBe(STEPS);
    await until('Prometheus has every step', async () => (await query('lockstep_steps_total'))[0] === STEPS);
    for (const member of [third, cut, coordinator]) expect((await member.stop()).exitCode).toBe(0);
  });
});

describe('the service in one container', () => {
  it('trains to the same parameters, reaps orphans and ends in order', async () => {
    const local = await trainJson([SPEC, '--out', join(scratch(), 'local')]);
    const rig = await Rig.open();
    const service = await rig.start({
      ...{ role: 'all-in-one', name: 'service' },
      command: ['up', '--host', '0.0.0.0', '--insecure', '--metrics-port', '9464', '--store', '/var/lib/lockstep'],
    });
    const outcome = await submit(service, []);
    expect(outcome).toMatchObject({ state: 'succeeded', parametersSha256: local.parametersSha256 });
    await service.container.exec(['/bin/sh', '-c', 'true & true & true &']);
    const { output } = await service.container.exec(['/usr/local/bin/node', '-e', STATES]);
    expect(output).toMatch(/^[RS]{8,}\n$/);
    expect((await service.stop()).exitCode).toBe(0);
    expect(service.log()).toContain('stopped; what has not ended goes on');
  });
});
