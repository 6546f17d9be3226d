/** A service that loses its coordinator, its nats-server or both: jobs go on by themselves to the same parameters. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import { finish, lastJson, lockstep, ROOT, scratch, seen, startLockstep } from '../support/lockstep.ts';
import { freePort, startNatsServer } from '../support/nats-server.ts';
import { startCoordinator, startWorker } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const LONG = ['--set', 'train.epochs=40', '--set', 'run.checkpoints.everySeconds=0.2'];

describe('a job of a service', () => {
  let calm = '';
  beforeAll(async () => {
    calm = await calmParameters();
  });

  it.each(['network', 'host'])(
    'goes on when its coordinator is killed and started again, over the %s link; workers and watchers come back',
    async (link) => {
      const nats = await startNatsServer();
      const store = join(scratch(), 'store');
      const port = await freePort();
      const first = await startCoordinator({ nats: nats.address, port, store });
      await Promise.all(['one', 'two'].map((name) => startWorker(name, first.address)));
      const submitted = startLockstep([
        'submit',
        SPEC,
        ...LONG,
        '--set',
        `run.link=${link}`,
        '--server',
        first.address,
        '--out',
        join(store, '../run'),
      ]);
      const watched = finish(submitted);
      await seen(submitted, 'stderr', 'epoch 3/40', watched);
      await first.end('SIGKILL');
      const second = await startCoordinator({ nats: nats.address, port, store });
      const result = await watched;
      expect(result.stderr).toMatch(/rewound to step \d+/);
      expect(result.code, result.stderr).toBe(0);
      expect(result.stdout).toContain(calm);
      const jobId = /(breast-cancer-[a-z0-9]{8})/.exec(result.stderr + result.stdout)?.[1] ?? '';
      const again = lastJson(await lockstep(['watch', jobId, '--server', second.address, '--json']));
      expect(again).toMatchObject({ state: 'succeeded', parametersSha256: calm, link });
    },
  );

  it('goes on when its nats-server is killed and started again', async () => {
    const nats = await startNatsServer();
    const { address } = await startCoordinator({ nats: nats.address });
    await Promise.all(['one', 'two'].map((name) => startWorker(name, address)));
    const submitted = startLockstep([
      'submit',
      SPEC,
      ...LONG,
      '--server',
      address,
      '--json',
      '--out',
      join(scratch(), 'run'),
    ]);
    const ended = finish(submitted);
    await seen(submitted, 'stderr', 'epoch 3/40', ended);
    await nats.stop();
    await startNatsServer({ port: nats.port });
    const result = await ended;
    expect(result.code, result.stderr).toBe(0);
    expect(lastJson(result)).toMatchObject({ state: 'succeeded', parametersSha256: calm });
  });
});
