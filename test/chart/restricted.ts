/** What a pod does against the pod security standard `restricted` of Kubernetes, and against the chart's own rule of a read-only root. */
import { list, read } from './helm.ts';

const ALLOWED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** Each fault in words; none for a pod that keeps to the standard. @param spec of a pod */
export function faultsOf(spec: unknown): readonly string[] {
  const faults: string[] = [];
  const expect = (isRight: boolean, what: string): void => {
    if (!isRight) faults.push(what);
  };
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(!read(spec, key), `${key} is set`);
  expect(read(spec, 'automountServiceAccountToken') === false, 'a token of the API is mounted');
  expect(read(spec, 'securityContext.runAsNonRoot') === true, 'root is not refused');
  expect(read(spec, 'securityContext.seccompProfile.type') === 'RuntimeDefault', 'seccomp is off');
  for (const { name, ...kinds } of list(spec, 'volumes')) {
    for (const kind of Object.keys(kinds)) expect(ALLOWED_VOLUMES.includes(kind), `volume ${name} is a ${kind}`);
  }
  for (const container of [...list(spec, 'initContainers'), ...list(spec, 'containers')]) {
    const at = (path: string): unknown => read(container, `securityContext.${path}`);
    expect(at('allowPrivilegeEscalation') === false, `${container.name} may gain privileges`);
    expect(at('readOnlyRootFilesystem') === true, `${container.name} writes to its root`);
    expect(JSON.stringify(at('capabilities')) === '{"drop":["ALL"]}', `${container.name} keeps capabilities`);
    expect(at('privileged') !== true && at('runAsUser') !== 0, `${container.name} is privileged`);
    for (const port of list(container, 'ports'))
      expect(port.hostPort === undefined, `${container.name} takes a host port`);
  }
  return faults;
}
