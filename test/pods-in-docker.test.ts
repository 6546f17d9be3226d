/** What Docker is told of a rendered pod: all of it, or nothing. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/lockstep.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly options: readonly string[];
  readonly arguments: readonly string[];
  readonly mounts: readonly object[];
}
interface Pod {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly owner: number;
  readonly containers: readonly Container[];
}

const MANIFEST = `
apiVersion: v1
kind: Secret
metadata: { name: doors }
data: { token: ${Buffer.from('s3cret').toString('base64')}, ca.crt: ${Buffer.from('CA').toString('base64')} }
---
apiVersion: v1
kind: Service
metadata: { name: workers }
spec: { selector: { app: worker } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: w, namespace: training }
spec:
  replicas: 2
  serviceName: w-pod
  volumeClaimTemplates: [{ metadata: { name: store } }]
  template:
    metadata: { labels: { app: worker } }
    spec:
      terminationGracePeriodSeconds: 40
      tolerations: [{ key: nvidia.com/gpu, operator: Exists }]
      securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 }
      containers:
        - name: worker
          image: lockstep-worker:0.1.0
          args: [worker, --name=$(POD_NAME), --token=$(TOKEN), '$$(POD_NAME)']
          env:
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: TOKEN, valueFrom: { secretKeyRef: { name: doors, key: token } } }
          resources: { limits: { cpu: 500m, memory: 1Gi, nvidia.com/gpu: 2 } }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: store, mountPath: /var/lib/lockstep }
            - { name: tmp, mountPath: /tmp }
            - { name: doors, mountPath: /etc/doors, readOnly: true }
      volumes:
        - { name: tmp, emptyDir: {} }
        - { name: doors, secret: { secretName: doors, items: [{ key: ca.crt, path: ca.pem }] } }
---
apiVersion: v1
kind: Pod
metadata: { name: test }
spec:
  containers: [{ name: jobs, image: lockstep-coordinator:0.1.0, command: [sh, -c], args: [exit 0] }]
`;

describe('pods in Docker', async () => {
  const { planPods } = (await import(pathToFileURL(join(ROOT, 'scripts/pods-in-docker/plan.mjs')).href)) as {
    planPods: (text: string) => { readonly pods: readonly Pod[]; readonly tests: readonly Pod[] };
  };

  it('have the image, arguments, environment, user, limits and rights of the pod, one container for each replica', () => {
    const { pods } = planPods(MANIFEST);
    expect(pods.map(({ name }) => name)).toEqual(['w-0', 'w-1']);
    expect(pods[1]?.containers[0]).toMatchObject({
      ...{ name: 'w-1-worker', image: 'lockstep-worker:0.1.0' },
      arguments: ['worker', '--name=w-1', '--token=s3cret', '$(POD_NAME)'],
      options: [
        ...['--user', '65532:65532', '--group-add', '65532', '--read-only', '--security-opt', 'no-new-privileges'],
        ...['--cap-drop', 'ALL', '--cpus', '0.5', '--memory', '1073741824', '--gpus', '2'],
        ...['--env', 'POD_NAME=w-1', '--env', 'TOKEN=s3cret', '--stop-timeout', '40'],
      ],
    });
  });

  it('have its volumes, and the names that services give it', () => {
    const [pod] = planPods(MANIFEST).pods;
    expect(pod?.owner).toBe(65532);
    expect(pod?.containers[0]?.mounts).toEqual([
      { volume: 'store', at: '/var/lib/lockstep', files: null, isMemory: false, isReadOnly: false },
      { volume: 'tmp', at: '/tmp', files: null, isMemory: true, isReadOnly: false },
      { volume: 'doors', at: '/etc/doors', files: { 'ca.pem': 'CA' }, isMemory: false, isReadOnly: true },
    ]);
    expect(pod?.aliases).toEqual(expect.arrayContaining(['workers', 'workers.training.svc', 'w-0.w-pod.training.svc']));
  });

  it('that are tests are kept apart; a command takes the place of the entry point', () => {
    const [pod] = planPods(MANIFEST).tests;
    expect(pod?.containers[0]).toMatchObject({ arguments: ['-c', 'exit 0'] });
    expect(pod?.containers[0]?.options).toEqual(['--stop-timeout', '30', '--entrypoint', 'sh']);
  });

  it.each([
    ['hostNetwork', '  containers: [{', '  hostNetwork: true\n  containers: [{'],
    ['tty', 'command: [sh, -c]', 'tty: true, command: [sh, -c]'],
    ['hostPath', '{ name: tmp, emptyDir: {} }', '{ name: tmp, hostPath: { path: / } }'],
  ])('with what Docker is not told of are refused: %s', (named, from, to) => {
    expect(() => planPods(MANIFEST.replace(from, to))).toThrow(named);
  });

  it('are missed where a manifest has none, as one that was not rendered', () => {
    expect(() => planPods('')).toThrow('the manifest has no pod');
  });

  it('that need a Secret which is not there are refused', () => {
    expect(() => planPods(MANIFEST.replace('metadata: { name: doors }', 'metadata: { name: other }'))).toThrow(
      'there is no Secret doors',
    );
  });
});
