/** Each key of a worker pool, a value for it, and where it must arrive. */
import type { Values } from './helm.ts';

/** A key, set and looked up. */
export interface FieldCase {
  /** What the pool is given. */
  readonly set: Values;
  /** What is looked up: paths below deployment, pod, worker (its container), hpa, pdb or account. */
  readonly at: readonly string[];
  /** What stands there, in the order of `at`; undefined is nothing. */
  readonly expected: readonly unknown[];
}

const one = (set: Values, at: string, expected: unknown): FieldCase => ({ set, at: [at], expected: [expected] });

/** A key whose value goes as it is to a key of the pod's spec. */
const inPod = (key: string, value: unknown): FieldCase => one({ [key]: value }, `pod.spec.${key}`, value);

/** A key whose value goes as it is to a key of the worker's container. */
const inWorker = (key: string, value: unknown): FieldCase => one({ [key]: value }, `worker.${key}`, value);

/** A key whose value becomes the argument of `lockstep worker` at an index. */
const inArgs = (key: string, value: unknown, index: number, argument: string): FieldCase =>
  one({ [key]: value }, `worker.args.${index}`, argument);

const container = { name: 'other', image: 'busybox:1', securityContext: { runAsUser: 1000 } };
const volume = { name: 'scratch', emptyDir: { sizeLimit: '1Gi' } };
const mount = { name: 'scratch', mountPath: '/scratch' };
const variable = { name: 'OMP_NUM_THREADS', value: '4' };
const fromMap = { configMapRef: { name: 'settings' } };
const probe = { exec: { command: ['true'] }, periodSeconds: 3 };

/** All keys of a pool. */
export const POOL_FIELDS: Readonly<Record<string, FieldCase>> = {
  enabled: { set: { enabled: false }, at: ['deployment.spec'], expected: [undefined] },
  suspend: { set: { suspend: true, replicas: 5 }, at: ['deployment.spec.replicas'], expected: [0] },
  replicas: { set: { replicas: 7 }, at: ['deployment.spec.replicas'], expected: [7] },
  minReplicas: { set: { minReplicas: 3, autoscaling: { enabled: true } }, at: ['hpa.spec.minReplicas'], expected: [3] },
  maxReplicas: {
    set: { maxReplicas: 31, autoscaling: { enabled: true } },
    at: ['hpa.spec.maxReplicas'],
    expected: [31],
  },
  'autoscaling.enabled': {
    set: { autoscaling: { enabled: true } },
    at: ['hpa.spec.scaleTargetRef.name', 'deployment.spec.replicas'],
    expected: ['demo-lockstep-worker-x', undefined],
  },
  'autoscaling.metricLabels': {
    set: { autoscaling: { enabled: true, metricLabels: { namespace: 'training' } } },
    at: ['hpa.spec.metrics.0.external.metric'],
    expected: [{ name: 'lockstep_workers_wanted', selector: { matchLabels: { namespace: 'training' } } }],
  },
  'autoscaling.scaleDownSeconds': {
    set: { autoscaling: { enabled: true, scaleDownSeconds: 42 } },
    at: ['hpa.spec.behavior.scaleDown.stabilizationWindowSeconds'],
    expected: [42],
  },
  'image.repository': {
    set: { image: { repository: 'ml/worker' } },
    at: ['worker.image'],
    expected: ['ml/worker:0.1.0'],
  },
  'image.tag': { set: { image: { tag: '9.9' } }, at: ['worker.image'], expected: ['lockstep-worker:9.9'] },
  'image.digest': {
    set: { image: { digest: `sha256:${'a'.repeat(64)}` } },
    at: ['worker.image'],
    expected: [`lockstep-worker@sha256:${'a'.repeat(64)}`],
  },
  'image.pullPolicy': {
    set: { image: { pullPolicy: 'Always' } },
    at: ['worker.imagePullPolicy'],
    expected: ['Always'],
  },
  'image.pullSecrets': {
    set: { image: { pullSecrets: [{ name: 'regcred' }] } },
    at: ['pod.spec.imagePullSecrets'],
    expected: [[{ name: 'regcred' }]],
  },
  device: inArgs('device', 'cuda', 3, '--device=cuda'),
  lanesAtOnce: inArgs('lanesAtOnce', 3, 4, '--replicas=3'),
  logLevel: inArgs('logLevel', 'debug', 8, '--log-level=debug'),
  command: inWorker('command', ['/bin/worker']),
  args: inWorker('args', ['worker', '--server=elsewhere:7070']),
  extraArgs: inArgs('extraArgs', ['--engine-adapter=binding'], -1, '--engine-adapter=binding'),
  env: { set: { env: [variable] }, at: ['worker.env.-1'], expected: [variable] },
  envFrom: inWorker('envFrom', [fromMap]),
  ports: {
    set: { ports: [{ name: 'debug', containerPort: 9229 }] },
    at: ['worker.ports.-1'],
    expected: [{ name: 'debug', containerPort: 9229 }],
  },
  resources: {
    set: { resources: { requests: { cpu: '8' }, limits: { 'nvidia.com/gpu': 2 } } },
    at: ['worker.resources.requests.cpu', 'worker.resources.limits.nvidia\\com/gpu'],
    expected: ['8', 2],
  },
  resourceClaims: inPod('resourceClaims', [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }]),
  labels: { set: { labels: { team: 'a' } }, at: ['pod.metadata.labels.team'], expected: ['a'] },
  annotations: { set: { annotations: { note: 'b' } }, at: ['pod.metadata.annotations.note'], expected: ['b'] },
  nodeSelector: inPod('nodeSelector', { 'nvidia.com/gpu.product': 'H100' }),
  tolerations: inPod('tolerations', [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]),
  affinity: inPod('affinity', {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
      ],
    },
  }),
  topologySpreadConstraints: inPod('topologySpreadConstraints', [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
  ]),
  schedulerName: inPod('schedulerName', 'volcano'),
  schedulingGates: inPod('schedulingGates', [{ name: 'example.com/quota' }]),
  runtimeClassName: inPod('runtimeClassName', 'nvidia'),
  priorityClassName: inPod('priorityClassName', 'batch-low'),
  'serviceAccount.create': {
    set: { serviceAccount: { create: true } },
    at: ['pod.spec.serviceAccountName', 'account.automountServiceAccountToken'],
    expected: ['demo-lockstep-worker-x', false],
  },
  'serviceAccount.name': {
    set: { serviceAccount: { name: 'trainer' } },
    at: ['pod.spec.serviceAccountName'],
    expected: ['trainer'],
  },
  'serviceAccount.annotations': {
    set: { serviceAccount: { create: true, annotations: { role: 'r' } } },
    at: ['account.metadata.annotations'],
    expected: [{ role: 'r' }],
  },
  podSecurityContext: {
    set: { podSecurityContext: { supplementalGroups: [44] } },
    at: ['pod.spec.securityContext.supplementalGroups', 'pod.spec.securityContext.runAsNonRoot'],
    expected: [[44], true],
  },
  securityContext: {
    set: { securityContext: { runAsUser: 4242 } },
    at: ['worker.securityContext.runAsUser', 'worker.securityContext.readOnlyRootFilesystem'],
    expected: [4242, true],
  },
  volumes: { set: { volumes: [volume] }, at: ['pod.spec.volumes.-1'], expected: [volume] },
  volumeMounts: { set: { volumeMounts: [mount] }, at: ['worker.volumeMounts.-1'], expected: [mount] },
  'shm.enabled': {
    set: { shm: { enabled: false } },
    at: ['pod.spec.volumes.1.name', 'worker.volumeMounts.1.name'],
    expected: ['tls', 'tls'],
  },
  'shm.sizeLimit': {
    set: { shm: { sizeLimit: '3Gi' } },
    at: ['pod.spec.volumes.1'],
    expected: [{ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '3Gi' } }],
  },
  initContainers: inPod('initContainers', [container]),
  sidecars: { set: { sidecars: [container] }, at: ['pod.spec.containers.-1'], expected: [container] },
  lifecycle: inWorker('lifecycle', { preStop: { sleep: { seconds: 5 } } }),
  terminationGracePeriodSeconds: inPod('terminationGracePeriodSeconds', 300),
  dnsPolicy: inPod('dnsPolicy', 'Default'),
  dnsConfig: inPod('dnsConfig', { options: [{ name: 'ndots', value: '1' }] }),
  hostAliases: inPod('hostAliases', [{ ip: '10.0.0.9', hostnames: ['store'] }]),
  readinessProbe: inWorker('readinessProbe', probe),
  livenessProbe: inWorker('livenessProbe', probe),
  strategy: {
    set: { strategy: { rollingUpdate: { maxUnavailable: 3 } } },
    at: ['deployment.spec.strategy.rollingUpdate'],
    expected: [{ maxSurge: 0, maxUnavailable: 3 }],
  },
  progressDeadlineSeconds: {
    set: { progressDeadlineSeconds: 77 },
    at: ['deployment.spec.progressDeadlineSeconds'],
    expected: [77],
  },
  revisionHistoryLimit: {
    set: { revisionHistoryLimit: 2 },
    at: ['deployment.spec.revisionHistoryLimit'],
    expected: [2],
  },
  'pdb.enabled': { set: { pdb: { enabled: false } }, at: ['pdb'], expected: [undefined] },
  'pdb.maxUnavailable': { set: { pdb: { maxUnavailable: '25%' } }, at: ['pdb.spec.maxUnavailable'], expected: ['25%'] },
};
