/** What there may be only one of: a coordinator on a store, a worker of a name. The second is refused, in words. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finish, lockstep, scratch, seen, startLockstep } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { metricsPage, startCoordinator, startService, startWorker, sumOf } from '../support/service.ts';

describe('a second', () => {
  it('coordinator on a store is refused with the process that has it, and takes it once that is killed', async () => {
    const nats = await startNatsServer();
    const store = join(scratch(), 'store');
    const first = await startCoordinator({ nats: nats.address, store });
    const options = ['--port', '0', '--metrics-port', '0', '--nats', `nats://${nats.address}`, '--store', store];
    const second = await lockstep(['coordinator', ...options]);
    expect(second.code, second.stderr).toBe(2);
    expect(second.stderr).toMatch(/STORE_IN_USE/);
    expect(second.stderr).toContain(store);
    expect(second.stderr).toMatch(/process \d+ on /);
    await first.end('SIGKILL');
    const third = await startCoordinator({ nats: nats.address, store });
    expect(await third.end('SIGTERM')).toMatchObject({ code: 0 });
  });

  it('service on a store is refused before its nats-server touches the streams of the first', async () => {
    const store = join(scratch(), 'store');
    const first = startLockstep(['up', '--workers', '1', '--port', '0', '--metrics-port', '0', '--store', store]);
    const ended = finish(first);
    await seen(first, 'stdout', 'metrics http', ended);
    const streams = statSync(join(store, 'nats/jetstream')).mtimeMs;
    const second = await lockstep(['up', '--workers', '1', '--port', '0', '--metrics-port', '0', '--store', store]);
    expect(second.code, second.stderr).toBe(2);
    expect(second.stderr).toMatch(/STORE_IN_USE/);
    expect(second.stderr).toContain(`works on ${store}: process ${first.pid} on `);
    expect(statSync(join(store, 'nats/jetstream')).mtimeMs).toBe(streams);
    first.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('worker of a name is refused, the first one stays; a new one takes its place once it is killed', async () => {
    const nats = await startNatsServer();
    const { address, coordinator, workers } = await startService(nats.address, ['north']);
    const second = await lockstep(['worker', '--server', address, '--name', 'north', '--log-level', 'warn']);
    expect(second.code, second.stderr).toBe(2);
    expect(second.stderr).toMatch(/WORKER_NAME_TAKEN/);
    expect(second.stderr).toMatch(/A worker named north is alive: process \d+ on /);
    const connected = async (): Promise<number> => sumOf(await metricsPage(coordinator), CONNECTED);
    expect(await connected()).toBe(1);
    await workers[0]?.end('SIGKILL');
    await expect.poll(connected, { timeout: 10_000 }).toBe(0);
    await startWorker('north', address);
    await expect.poll(connected, { timeout: 20_000 }).toBe(1);
  });
});

const CONNECTED = 'lockstep_workers{state="connected"';
