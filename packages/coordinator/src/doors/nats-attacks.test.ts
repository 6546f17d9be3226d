import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectNats, type NatsAccess, type NatsConnection, type NatsUser, readNatsAccess } from '@lockstep/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AccountServer, startAccountServer } from '../../../../test/support/nats-server.js';
import { RunningCoordinator } from '../testing/running-coordinator.js';
import { TestWorker } from '../testing/worker.js';

async function connection(server: AccountServer, login: NatsAccess['credentials']): Promise<NatsConnection> {
  const opened = await connectNats({ servers: [server.address], ...login, name: 'test' });
  onTestFinished(() => opened.close());
  return opened;
}

/** Jobs of one worker each, begun and ended on a server that lets nobody in but users of an account. */
async function twoJobs(log: (line: string) => void = () => {}) {
  const server = await startAccountServer();
  const paths = { accountKey: server.accountKey };
  const everything = await connection(server, (await readNatsAccess(paths)).credentials);
  const said: { subject: string; bytes: number }[] = [];
  everything.subscribe('>', { callback: (_, { subject, data }) => void said.push({ subject, bytes: data.length }) });
  await everything.flush();
  const logger = pino({ level: 'trace' }, { write: log });
  const running = await RunningCoordinator.start({ nats: server.address, natsAccess: paths, logger });
  const workers = [await TestWorker.join(running.address, 'w1'), await TestWorker.join(running.address, 'w2')];
  const overrides = { 'run.workers': '1', 'run.minWorkers': '1' };
  const jobs = [await running.submit(undefined, { overrides }), await running.submit(undefined, { overrides })];
  for (const { id } of jobs) expect(await running.ended(id)).toMatchObject({ state: 'JOB_STATE_SUCCEEDED' });
  const plans = workers.flatMap(({ received }) => received.flatMap(({ jobPlan }) => (jobPlan ? [jobPlan] : [])));
  return { server, running, said, plans, workers, jobs: jobs.map(({ id }) => id) };
}

function refusals(connection: NatsConnection): string[] {
  const refused: string[] = [];
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') refused.push(status.error.message);
  })();
  return refused;
}

describe('NATS of a coordinator that makes users', () => {
  it('A24 A25 what a worker gets with a job is good for hearing that job, and for nothing else', async () => {
    const { server, plans, jobs } = await twoJobs();
    expect(plans.map(({ jobId }) => jobId).sort()).toEqual([...jobs].sort());
    for (const { jobId, natsLogin } of plans) {
      const worker = await connection(server, { account: natsLogin as NatsUser });
      const refused = refusals(worker);
      const denied: string[] = [];
      for (const subject of [...jobs.map((id) => `lockstep.${id}.params`), '>', '$KV.>', '_INBOX.>']) {
        worker.subscribe(subject, { callback: (error) => void (error && denied.push(subject)) });
      }
      worker.publish(`lockstep.${jobId}.params`, 'x');
      await worker.flush();
      const other = jobs.find((id) => id !== jobId);
      expect(denied).toEqual([`lockstep.${other}.params`, '>', '$KV.>', '_INBOX.>']);
      await expect.poll(() => refused.filter((text) => text.includes('Publish'))).toHaveLength(1);
    }
  });

  it('A24 what a worker gets when it joins is good for nothing', async () => {
    const { server, workers, jobs } = await twoJobs();
    for (const { natsLogin } of workers) {
      const idle = await connection(server, { account: natsLogin as NatsUser });
      const refused = refusals(idle);
      for (const id of jobs) idle.subscribe(`lockstep.${id}.params`, { callback: () => {} });
      for (const subject of [`lockstep.${jobs[0]}.params`, '$JS.API.INFO']) idle.publish(subject, 'x');
      await idle.flush();
      await expect.poll(() => refused).toHaveLength(4);
    }
  });

  it('A30 nothing but parameters and records is said there', async () => {
    const { said, jobs } = await twoJobs();
    const kinds = new Set(
      said.map(({ subject }) => subject.replace(/lockstep-\w+/, 'BUCKET').replace(/\w{20,}/g, 'ID')),
    );
    const others = [...kinds].filter((kind) => !/^(\$JS\.API\.|\$KV\.BUCKET\.|_INBOX\.|\$JS\.EVENT\.)/.test(kind));
    expect(others.sort()).toEqual(jobs.map((id) => `lockstep.${id}.params`).sort());
  });

  it('A22 no seed or token of NATS stands in a log or in what is kept', async () => {
    const lines: string[] = [];
    const { server, running, plans } = await twoJobs((line) => lines.push(line));
    const secrets = plans.flatMap(({ natsLogin }) => [natsLogin?.seed ?? '', natsLogin?.jwt ?? '']);
    secrets.push(readFileSync(server.accountKey, 'utf8').trim());
    expect(secrets.filter((secret) => secret.length > 50)).toHaveLength(5);
    const kept = filesOf(running.storeDirectory).map((path) => readFileSync(path, 'latin1'));
    for (const secret of secrets) expect([...lines, ...kept].filter((text) => text.includes(secret))).toEqual([]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]));
}
