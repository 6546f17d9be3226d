/** Workers over links that fall silent without an end, and many that join at once: the parameters are the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import { type CommandResult, finish, lastJson, ROOT, seen, startLockstep } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { metricsPage, type ServiceProcess, startCoordinator, startWorker, sumOf } from '../support/service.ts';
import { openTcpLink } from '../support/tcp-link.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const LONG = ['--set', 'train.epochs=40'];
const work = mkdtempSync(join(tmpdir(), 'lockstep-links-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const PATIENCE = { timeout: 60_000, interval: 100 };

/** Submits the job; `atThird` is done once its third epoch has ended. */
async function submitted(address: string, atThird: () => Promise<void> | void): Promise<CommandResult> {
  const out = mkdtempSync(join(work, 'run-'));
  const command = startLockstep(['submit', SPEC, ...LONG, '--server', address, '--json', '--out', out]);
  const ended = finish(command);
  await seen(command, 'stderr', 'epoch 3/40', ended);
  await atThird();
  return ended;
}

const connected = async (coordinator: ServiceProcess): Promise<number> =>
  sumOf(await metricsPage(coordinator), 'lockstep_workers{state="connected"}');

describe('a job of a service', () => {
  let calm = '';
  beforeAll(async () => {
    calm = await calmParameters();
  });

  it('moves the lanes of a worker whose link falls silent, which comes back over a new connection', async () => {
    const nats = await startNatsServer();
    const coordinator = await startCoordinator({ nats: nats.address });
    const link = await openTcpLink(coordinator.address);
    await startWorker('near', coordinator.address);
    await startWorker('far', link.address);
    await expect.poll(() => connected(coordinator), PATIENCE).toBe(2);
    const before = link.connections;
    const ended = submitted(coordinator.address, () => link.silence());
    await expect.poll(() => connected(coordinator), PATIENCE).toBe(1);
    await expect.poll(() => connected(coordinator), PATIENCE).toBe(2);
    expect(link.connections).toBeGreaterThan(before);
    const result = await ended;
    expect(result.code, result.stderr).toBe(0);
    expect(lastJson(result).parametersSha256).toBe(calm);
    expect((await coordinator.end('SIGTERM')).stderr).toMatch(/"worker":"far".*"why":"no heartbeat for/);
  });

  it('is taken over by six workers that join at once', async () => {
    const nats = await startNatsServer();
    const coordinator = await startCoordinator({ nats: nats.address });
    const first = await startWorker('first', coordinator.address);
    const result = await submitted(coordinator.address, async () => {
      // From here on the job waits for workers.
      await first.end('SIGKILL');
      const link = await openTcpLink(coordinator.address, { isClosed: true });
      const names = Array.from({ length: 6 }, (_, index) => `late-${index}`);
      await Promise.all(names.map((name) => startWorker(name, link.address)));
      await expect.poll(() => link.connections, PATIENCE).toBeGreaterThanOrEqual(names.length);
      link.open();
      await expect.poll(() => connected(coordinator), PATIENCE).toBe(names.length);
    });
    expect(result.code, result.stderr).toBe(0);
    expect(lastJson(result).parametersSha256).toBe(calm);
  });
});
