/** Pools of workers on nodes: who is scheduled where, and what a drain may take. */
import { expect, it, onTestFinished } from 'vitest';
import { command, kubectl, Namespace, type Pod } from './cluster.ts';

const pool = (name: string): string => `lockstep.dev/pool=${name}`;
const nodesOf = (pods: readonly Pod[]): readonly (string | undefined)[] => pods.map(({ spec }) => spec.nodeName).sort();

it('a pool with GPUs fills the nodes that have them, others keep off, and a drain leaves as many as the budget says', async () => {
  const namespace = await Namespace.make('pools');
  const gpus = { limits: { 'nvidia.com/gpu': 4, memory: '16Gi' } };
  await namespace.release('install', { workerPools: { gpu: { enabled: true, replicas: 4, resources: gpus } } });
  const workers = (): Promise<readonly Pod[]> => namespace.list<Pod>('pod', pool('gpu'));
  expect(nodesOf(await workers())).toEqual(['gpu-1', 'gpu-1', 'gpu-2', 'gpu-2']);
  expect(nodesOf(await namespace.list<Pod>('pod', pool('cpu')))).toEqual(['cpu-1', 'cpu-1']);

  const deployment = 'deployment/training-lockstep-worker-gpu';
  await namespace.kubectl('scale', deployment, '--replicas=5');
  const unscheduled = async (): Promise<readonly (string | undefined)[]> =>
    (await workers()).flatMap(({ status }) =>
      (status.conditions ?? []).flatMap(({ type, status, message }) =>
        type === 'PodScheduled' && status === 'False' ? [message] : [],
      ),
    );
  await expect.poll(unscheduled).toEqual([expect.stringContaining('3 Insufficient nvidia.com/gpu')]);
  await namespace.kubectl('scale', deployment, '--replicas=4');
  await expect.poll(async () => (await workers()).length).toBe(4);

  const drain = ['drain', 'gpu-1', '--delete-emptydir-data', '--ignore-daemonsets'];
  onTestFinished(() => kubectl('uncordon', 'gpu-1').then(() => {}));
  const hindered = await command('kubectl', [...drain, '--timeout=8s']);
  expect(hindered.code).not.toBe(0);
  expect(hindered.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
  const running = (await workers()).filter(({ status }) => status.phase === 'Running');
  expect(nodesOf(running)).toEqual(['gpu-1', 'gpu-2', 'gpu-2']);

  // Two of them have room on the other node.
  await namespace.release('upgrade', { workerPools: { gpu: { enabled: true, replicas: 2, resources: gpus } } });
  await kubectl(...drain, '--timeout=60s');
  await namespace.kubectl('rollout', 'status', deployment, '--timeout=60s');
  expect(nodesOf(await workers())).toEqual(['gpu-2', 'gpu-2']);
});
