/** The chart's life in a cluster: install, upgrade, rollback, and what a namespace refuses. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { MANIFESTS, renderText } from '../chart/helm.ts';
import { judge, Namespace, type Pod } from './cluster.ts';

const WORKERS = 'app.kubernetes.io/component=worker';
const DEPLOYMENT = 'training-lockstep-worker-cpu';

interface Secret {
  readonly metadata: { readonly name: string };
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Certificates and tokens of a release, by name. */
async function secretsOf(namespace: Namespace): Promise<Readonly<Record<string, Secret['data']>>> {
  const secrets = await namespace.list<Secret>('secret');
  const ours = secrets.filter(({ type }) => !type.startsWith('helm.sh/'));
  return Object.fromEntries(ours.map(({ metadata, data }) => [metadata.name, data]));
}

/** Records how many workers are available, whenever it changes. @returns the numbers so far */
function watchAvailable(namespace: Namespace): () => readonly number[] {
  const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
  const what = ['get', 'deployment', DEPLOYMENT, '--watch', '--output=jsonpath=[{.status.availableReplicas}]'];
  const watch = spawn(join(inject('programs'), 'kubectl'), ['--namespace', namespace.name, ...what], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void watch.kill('SIGKILL'));
  let text = '';
  watch.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => [...text.matchAll(/\[(\d*)\]/g)].map(([, count]) => Number(count));
}

const logLevels = async (namespace: Namespace): Promise<readonly (string | undefined)[]> =>
  (await namespace.list<Pod>('pod', WORKERS)).map(({ spec }) =>
    spec.containers[0]?.args.find((text) => text.startsWith('--log-level=')),
  );

describe('a release', () => {
  it('installs without a value where pods are held to restricted, is upgraded a worker at a time and rolled back', async () => {
    const namespace = await Namespace.make('release');
    const { stderr } = await namespace.release('install');
    expect(stderr).not.toContain('PodSecurity');
    const pods = await namespace.list<Pod>('pod');
    expect(
      pods.map(({ metadata, status }) => [metadata.name.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, ''), status.phase]),
    ).toEqual([
      ['training-lockstep-coordinator-0', 'Running'],
      ['training-lockstep-nats-0', 'Running'],
      ['training-lockstep-worker-cpu', 'Running'],
      ['training-lockstep-worker-cpu', 'Running'],
    ]);
    const secrets = await secretsOf(namespace);
    const names = ['coordinator-tls', 'tokens', 'worker-token'].map((end) => `training-lockstep-${end}`);
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(names));

    const available = watchAvailable(namespace);
    await expect.poll(available).toEqual([2]);
    await namespace.release('upgrade', { workerDefaults: { replicas: 3, logLevel: 'debug' } });
    expect(await logLevels(namespace)).toEqual(Array(3).fill('--log-level=debug'));
    expect(await secretsOf(namespace)).toEqual(secrets);
    await namespace.rollback(1);
    await expect.poll(() => logLevels(namespace)).toEqual(Array(2).fill('--log-level=info'));
    expect(await secretsOf(namespace)).toEqual(secrets);
    expect(Math.min(...available())).toBe(1);
  });

  it('cannot be joined by a privileged pod', async () => {
    const namespace = await Namespace.make('refusals');
    const privileged = { name: 'x', image: 'x', securityContext: { privileged: true } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [privileged] } };
    await expect(namespace.apply([pod])).rejects.toThrow('violates PodSecurity "restricted:latest": privileged');
  });

  it("is taken by the API server: the repository's manifests, the longest names (42), every object of Kubernetes' own", async () => {
    const namespace = await Namespace.make('training');
    const everything = {
      workerDefaults: { serviceAccount: { create: true }, autoscaling: { enabled: true } },
      ...{ workerPools: { gpu: { enabled: true } }, coordinator: { pdb: { enabled: true } } },
    };
    const longest = { release: 'r'.repeat(53), values: { workerPools: { ['p'.repeat(20)]: {} } } };
    const manifests = [
      readFileSync(join(MANIFESTS, 'lockstep.yaml'), 'utf8'),
      ...[renderText(longest), renderText({ values: everything })],
    ];
    for (const manifest of manifests) {
      const judged = (await judge(namespace.name, manifest)).trimEnd().split('\n');
      expect(judged.length).toBeGreaterThanOrEqual(15);
      for (const line of judged) expect(line).toMatch(/created \(server dry run\)$/);
    }
  });
});
