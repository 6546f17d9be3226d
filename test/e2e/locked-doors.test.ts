/** A service that other machines reach: made with the command alone, from certificates and tokens to a trained model. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import { lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { metricsPage, startCoordinator, startWorker } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

async function run(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await lockstep(args, { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

/** What stands in the files of a folder, by path. */
function contents(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')]),
  );
}

it('A22 a job trains to the same bits through TLS, by a worker with a certificate, for a user with a token, and no secret stays behind', async () => {
  const cwd = scratch();
  const { address: nats } = await startNatsServer();
  const open = await lockstep(['coordinator', '--host', '0.0.0.0', '--port', '0', '--nats', `nats://${nats}`], { cwd });
  expect(open.code).toBe(2);
  expect(open.stderr).toMatch(/lacks TLS .* and a check of who calls[\s\S]*--tls-cert/);

  await run(['certs', 'init'], cwd);
  await run(['certs', 'issue', 'server', '--host', 'train.example.org'], cwd);
  await run(['certs', 'issue', 'worker', 'gpu'], cwd);
  const token = await run(['tokens', 'create', 'submitter', 'alice'], cwd);
  writeFileSync(join(cwd, 'alice.token'), token, { mode: 0o600 });
  const certs = (name: string): string => join(cwd, 'lockstep-certs', name);
  for (const key of ['ca-key.pem', 'server-key.pem', 'worker-gpu-key.pem']) {
    expect(statSync(certs(key)).mode & 0o777, key).toBe(0o600);
  }
  const auditPath = join(cwd, 'audit.jsonl');
  const store = join(cwd, 'store');
  const coordinator = await startCoordinator({
    nats,
    store,
    extra: [
      ...['--host', '0.0.0.0', '--tls-cert', certs('server.pem'), '--tls-key', certs('server-key.pem')],
      ...['--tls-client-ca', certs('ca.pem'), '--tokens', join(cwd, 'lockstep-tokens.json'), '--audit-log', auditPath],
    ],
  });
  const server = coordinator.address.replace('0.0.0.0', '127.0.0.1');
  const trusted = ['--tls-ca', certs('ca.pem')];
  const own = ['--tls-cert', certs('worker-gpu.pem'), '--tls-key', certs('worker-gpu-key.pem')];
  const worker = await startWorker('gpu', server, [...trusted, ...own]);
  const plain = await lockstep(['jobs', '--server', server], { cwd });
  expect([plain.code, plain.stderr]).toEqual([3, expect.stringMatching(/it speaks TLS[\s\S]*--tls-ca/)]);
  const nobody = await lockstep(['jobs', '--server', server, ...trusted], { cwd });
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('LOCKSTEP_TOKEN')]);

  const submit = [
    'submit',
    SPEC,
    '--server',
    server,
    '--set',
    'run.workers=1',
    '--set',
    'train.epochs=40',
    '--set',
    'run.checkpoints.everySeconds=0.1',
    '--json',
    '--out',
    join(cwd, 'run'),
  ];
  const outcome = await lockstep([...submit, ...trusted, '--token-file', join(cwd, 'alice.token')], { cwd });
  expect(lastJson(outcome)).toMatchObject({ state: 'succeeded', parametersSha256: await calmParameters() });
  const audit = readFileSync(auditPath, 'utf8');
  expect(audit).toMatch(/"who":"certificate:worker\/gpu".*"what":"\/lockstep.v1.MembershipService\/Join"/);
  expect(audit).toMatch(/"who":"token:[0-9a-f]{8}".*"what":"\/lockstep.v1.JobService\/SubmitJob"/);

  const told = new Map([...contents(store), ...contents(join(cwd, 'run')), ['audit', audit]]);
  expect([...told.keys()].some((path) => path.endsWith('.ckpt'))).toBe(true);
  told.set('/metrics of the worker', await metricsPage(worker));
  told.set('the words of submit', outcome.stdout + outcome.stderr);
  told.set('the words of the coordinator', (await coordinator.end('SIGTERM')).stderr);
  const keys = ['ca-key.pem', 'server-key.pem', 'worker-gpu-key.pem'].map((key) => readFileSync(certs(key), 'utf8'));
  const secrets = [token.trim(), ...keys.map((key) => key.split('\n')[1] ?? '')];
  expect(secrets.every((secret) => secret.length >= 40)).toBe(true);
  for (const [where, text] of told) for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
});
