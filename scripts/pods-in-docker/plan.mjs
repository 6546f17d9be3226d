/**
 * Turns rendered Kubernetes objects into what Docker has to run: the same images, arguments, environment, mounts, users
 * and limits. Pure; run.mjs carries it out. What it does not know it refuses, so that nothing of a pod is left out in
 * silence.
 */
import { parseAllDocuments } from 'yaml';

/** Fields of a container and a pod that have no meaning for one machine, or that probes and the scheduler use. */
const WITHOUT_EFFECT = {
  container: ['imagePullPolicy', 'ports', 'startupProbe', 'livenessProbe', 'readinessProbe', 'lifecycle'],
  pod: [
    ...[
      'nodeSelector',
      'tolerations',
      'affinity',
      'topologySpreadConstraints',
      'priorityClassName',
      'runtimeClassName',
    ],
    ...[
      'dnsPolicy',
      'serviceAccountName',
      'automountServiceAccountToken',
      'enableServiceLinks',
      'imagePullSecrets',
      'restartPolicy',
    ],
  ],
};
const KNOWN = {
  container: ['name', 'image', 'command', 'args', 'env', 'envFrom', 'resources', 'securityContext', 'volumeMounts'],
  pod: ['containers', 'initContainers', 'volumes', 'securityContext', 'terminationGracePeriodSeconds'],
  containerSecurity: [
    ...['allowPrivilegeEscalation', 'capabilities', 'readOnlyRootFilesystem', 'seccompProfile'],
    ...['runAsNonRoot', 'runAsUser', 'runAsGroup'],
  ],
  podSecurity: ['fsGroup', 'fsGroupChangePolicy', 'runAsNonRoot', 'runAsUser', 'runAsGroup', 'seccompProfile'],
};

function refuseOthers(what, object, ...known) {
  const others = Object.keys(object ?? {}).filter((key) => !known.flat().includes(key));
  if (others.length > 0) throw new Error(`${what} has ${others.join(', ')}, which Docker is not told of yet`);
}

/** Objects of a manifest, by kind. */
function objectsOf(text) {
  const objects = parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
  const ofKind = (kind) => objects.filter((object) => object?.kind === kind);
  return { pods: [...ofKind('Deployment'), ...ofKind('StatefulSet')].flatMap(podsOf), tests: ofKind('Pod'), ofKind };
}

/** The pods that a controller makes, numbered; a claim of a StatefulSet is a volume of each. */
function podsOf({ metadata, spec }) {
  return Array.from({ length: spec.replicas ?? 1 }, (_, index) => ({
    metadata: { ...spec.template.metadata, name: `${metadata.name}-${index}`, namespace: metadata.namespace },
    spec: {
      ...spec.template.spec,
      volumes: [
        ...(spec.template.spec.volumes ?? []),
        ...(spec.volumeClaimTemplates ?? []).map((claim) => ({ name: claim.metadata.name, persistentVolumeClaim: {} })),
      ],
    },
    headless: spec.serviceName,
  }));
}

/** What a pod finds in ConfigMaps and Secrets of its namespace. */
function contentsOf(ofKind) {
  const contents = new Map();
  for (const { metadata, data } of ofKind('ConfigMap')) contents.set(`ConfigMap/${metadata.name}`, data ?? {});
  for (const { metadata, data, stringData } of ofKind('Secret')) {
    const decoded = Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    contents.set(`Secret/${metadata.name}`, { ...Object.fromEntries(decoded), ...stringData });
  }
  return (kind, name) => {
    const found = contents.get(`${kind}/${name}`);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    return found;
  };
}

/** Names that services give to a pod inside a cluster. */
function aliasesOf({ metadata, headless }, ofKind) {
  const { name, namespace = 'default', labels = {} } = metadata;
  const selected = ofKind('Service').filter(
    ({ spec }) => spec.selector && Object.entries(spec.selector).every(([key, value]) => labels[key] === value),
  );
  const names = [...selected.map((service) => service.metadata.name), ...(headless ? [`${name}.${headless}`] : [])];
  return names.flatMap((each) =>
    ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map((end) => each + end),
  );
}

function environmentOf(container, metadata, contents) {
  const environment = {};
  for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
    const found = configMapRef ? contents('ConfigMap', configMapRef.name) : contents('Secret', secretRef.name);
    for (const [key, value] of Object.entries(found)) environment[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    environment[name] = valueFrom
      ? sourcedValue(name, valueFrom, metadata, contents)
      : expand(value ?? '', environment);
  }
  return environment;
}

function sourcedValue(name, { fieldRef, secretKeyRef, configMapKeyRef }, metadata, contents) {
  if (secretKeyRef) return contents('Secret', secretKeyRef.name)[secretKeyRef.key];
  if (configMapKeyRef) return contents('ConfigMap', configMapKeyRef.name)[configMapKeyRef.key];
  const found = { 'metadata.name': metadata.name, 'metadata.namespace': metadata.namespace ?? 'default' }[
    fieldRef?.fieldPath
  ];
  if (found === undefined) throw new Error(`the variable ${name} has a source that Docker is not told of yet`);
  return found;
}

/** Kubernetes puts variables of the container into its arguments. */
function expand(text, environment) {
  return text.replace(/\$\$|\$\((\w+)\)/g, (all, name) => (all === '$$' ? '$' : (environment[name] ?? all)));
}

/** What the ends of amounts of memory stand for, in bytes. */
const UNITS = { '': 1, K: 1e3, Ki: 2 ** 10, M: 1e6, Mi: 2 ** 20, G: 1e9, Gi: 2 ** 30, T: 1e12, Ti: 2 ** 40 };

/** Bytes of an amount such as 512Mi. */
function memoryOf(amount) {
  const [, number, unit] = /^(\d+)([KMGT]i?)?$/.exec(amount) ?? [];
  if (!number) throw new Error(`${amount} is no amount of memory`);
  return String(Number(number) * UNITS[unit ?? '']);
}

/** Cores of an amount such as 250m. */
const coresOf = (quantity) => String(/m$/.test(quantity) ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity));

/** The files of a volume, by name; null where it is an empty folder of the pod. */
function filesOf({ name, configMap, secret, emptyDir, persistentVolumeClaim, ...other }, contents) {
  if (configMap || secret) {
    const found = configMap ? contents('ConfigMap', configMap.name) : contents('Secret', secret.secretName);
    const { items } = configMap ?? secret;
    return items ? Object.fromEntries(items.map(({ key, path }) => [path, found[key]])) : found;
  }
  if (emptyDir || persistentVolumeClaim) return null;
  throw new Error(`the volume ${name} is of a kind that Docker is not told of yet: ${Object.keys(other).join(', ')}`);
}

function mountsOf(container, pod, contents) {
  return (container.volumeMounts ?? []).map(({ name, mountPath, readOnly = false, subPath, ...other }) => {
    refuseOthers(`the mount ${name}`, other);
    const volume = (pod.spec.volumes ?? []).find((each) => each.name === name);
    if (!volume) throw new Error(`the pod ${pod.metadata.name} has no volume ${name}`);
    const files = filesOf(volume, contents);
    return {
      volume: name,
      at: mountPath,
      ...(subPath ? { subPath } : {}),
      files,
      isMemory: Boolean(volume.emptyDir),
      isReadOnly: readOnly || files !== null,
    };
  });
}

function limitsOf({ limits = {} } = {}) {
  const { cpu, memory, 'nvidia.com/gpu': gpus, ...other } = limits;
  refuseOthers('limits', other);
  return [
    ...(cpu ? ['--cpus', coresOf(String(cpu))] : []),
    ...(memory ? ['--memory', memoryOf(String(memory))] : []),
    ...(gpus ? ['--gpus', String(gpus)] : []),
  ];
}

function securityOf(container = {}, pod = {}) {
  refuseOthers('the security context of a container', container, KNOWN.containerSecurity);
  refuseOthers('the security context of a pod', pod, KNOWN.podSecurity);
  const { runAsUser, runAsGroup = runAsUser, fsGroup } = { ...pod, ...container };
  const { drop = [], add = [] } = container.capabilities ?? {};
  return [
    ...(runAsUser === undefined ? [] : ['--user', `${runAsUser}:${runAsGroup}`]),
    ...(fsGroup === undefined ? [] : ['--group-add', String(fsGroup)]),
    ...(container.readOnlyRootFilesystem ? ['--read-only'] : []),
    ...(container.allowPrivilegeEscalation === false ? ['--security-opt', 'no-new-privileges'] : []),
    ...drop.flatMap((name) => ['--cap-drop', name]),
    ...add.flatMap((name) => ['--cap-add', name]),
  ];
}

function containerPlan(container, pod, contents) {
  refuseOthers(`the container ${container.name}`, container, KNOWN.container, WITHOUT_EFFECT.container);
  const environment = environmentOf(container, pod.metadata, contents);
  const [entrypoint, ...first] = container.command ?? [];
  return {
    name: `${pod.metadata.name}-${container.name}`,
    image: container.image,
    options: [
      ...securityOf(container.securityContext, pod.spec.securityContext),
      ...limitsOf(container.resources),
      ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...['--stop-timeout', String(pod.spec.terminationGracePeriodSeconds ?? 30)],
      ...(entrypoint ? ['--entrypoint', entrypoint] : []),
    ],
    arguments: [...first, ...(container.args ?? [])].map((text) => expand(String(text), environment)),
    mounts: mountsOf(container, pod, contents),
  };
}

function podPlan(pod, { contents, ofKind }) {
  refuseOthers(`the pod ${pod.metadata.name}`, pod.spec, KNOWN.pod, WITHOUT_EFFECT.pod);
  const plan = (container) => containerPlan(container, pod, contents);
  return {
    name: pod.metadata.name,
    aliases: aliasesOf(pod, ofKind),
    owner: pod.spec.securityContext?.fsGroup ?? pod.spec.securityContext?.runAsUser ?? 0,
    init: (pod.spec.initContainers ?? []).map(plan),
    containers: pod.spec.containers.map(plan),
  };
}

/**
 * What to run.
 * @throws Error where a pod has what Docker is not told of, or none is there
 * @returns `pods` that stay, and `tests`: pods that are run to their end, as `helm test` does
 */
export function planPods(text) {
  const { pods, tests, ofKind } = objectsOf(text);
  if (pods.length === 0) throw new Error('the manifest has no pod: was it rendered?');
  const world = { contents: contentsOf(ofKind), ofKind };
  return { pods: pods.map((pod) => podPlan(pod, world)), tests: tests.map((pod) => podPlan(pod, world)) };
}
