/** A pool follows the queue: the real metric of a real coordinator, through the API that an autoscaler asks. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lastJson, lockstep, ROOT } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startCoordinator } from '../support/service.ts';
import { Namespace, type Pod } from './cluster.ts';
import { serveExternalMetrics } from './external-metrics.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
/** Autoscaling looks each second here; what it decides is played by controllers and scheduler. */
const PATIENCE = { timeout: 60_000, interval: 500 };

it('a pool grows to the workers that jobs ask for, and shrinks when they end; one of another device stays', async () => {
  const nats = await startNatsServer();
  const { address, metrics } = await startCoordinator({ nats: nats.address });
  await serveExternalMetrics(metrics);
  const namespace = await Namespace.make('scaling');
  const autoscaling = { enabled: true, scaleDownSeconds: 0 };
  await namespace.release('install', {
    workerDefaults: { autoscaling },
    workerPools: {
      cpu: { autoscaling: { metricLabels: { device: 'auto' } } },
      gpu: { enabled: true, autoscaling: { metricLabels: { device: 'cuda' } } },
    },
  });
  const running = async (pool: string): Promise<number> =>
    (await namespace.list<Pod>('pod', `lockstep.dev/pool=${pool}`)).filter(({ status }) => status.phase === 'Running')
      .length;
  await expect.poll(() => running('cpu'), PATIENCE).toBe(1);

  const submit = await lockstep(['submit', SPEC, '--server', address, '--no-wait', '--json', '--set', 'run.workers=4']);
  await expect.poll(() => running('cpu'), PATIENCE).toBe(4);
  expect(await running('gpu')).toBe(1);
  await lockstep(['cancel', lastJson(submit).job, '--server', address]);
  await expect.poll(() => running('cpu'), PATIENCE).toBe(1);
});
