/** The chart as a whole: what it installs, how it is closed, what it refuses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  CHART,
  find,
  list,
  MANIFESTS,
  type Manifest,
  podSpecs,
  read,
  render,
  renderText,
  tool,
  type Values,
} from './helm.ts';
import { faultsOf } from './restricted.ts';

tool('helm');

const MONITORING = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'].map((kind) => `monitoring.coreos.com/v1/${kind}`);
const EVERYTHING = {
  workerDefaults: { serviceAccount: { create: true }, autoscaling: { enabled: true } },
  workerPools: { gpu: { enabled: true } },
  coordinator: { pdb: { enabled: true } },
};
const CERT_MANAGER = { tls: { mode: 'certManager' } };

const workerArgs = (objects: readonly Manifest[]): unknown =>
  read(find(objects, 'Deployment', '-worker-cpu'), 'spec.template.spec.containers.0.args');
const coordinatorArgs = (objects: readonly Manifest[]): unknown =>
  read(find(objects, 'StatefulSet', '-coordinator'), 'spec.template.spec.containers.0.args');

describe('the chart', () => {
  it('installs without a value: a coordinator, a pool, NATS, closed doors', () => {
    const kinds = render().map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(kinds.sort()).toEqual([
      'ConfigMap/demo-lockstep-board-cluster',
      'ConfigMap/demo-lockstep-board-job',
      'ConfigMap/demo-lockstep-board-worker',
      'ConfigMap/demo-lockstep-nats',
      'Deployment/demo-lockstep-worker-cpu',
      'NetworkPolicy/demo-lockstep-coordinator',
      'NetworkPolicy/demo-lockstep-nats',
      'NetworkPolicy/demo-lockstep-worker',
      'Pod/demo-lockstep-test',
      'PodDisruptionBudget/demo-lockstep-worker-cpu',
      'Secret/demo-lockstep-coordinator-tls',
      'Secret/demo-lockstep-submitter-token',
      'Secret/demo-lockstep-tokens',
      'Secret/demo-lockstep-viewer-token',
      'Secret/demo-lockstep-worker-token',
      'Service/demo-lockstep-coordinator',
      'Service/demo-lockstep-coordinator-pod',
      'Service/demo-lockstep-nats',
      'StatefulSet/demo-lockstep-coordinator',
      'StatefulSet/demo-lockstep-nats',
    ]);
  });

  it('gives every object the labels of charts, and selectors that no upgrade changes', () => {
    const objects = render({ values: EVERYTHING, apiVersions: MONITORING });
    for (const { kind, metadata } of objects) {
      expect(metadata.labels, `${kind}/${metadata.name}`).toMatchObject({
        'app.kubernetes.io/name': 'lockstep',
        'app.kubernetes.io/instance': 'demo',
        'app.kubernetes.io/managed-by': 'Helm',
        'app.kubernetes.io/version': '0.1.0',
        'helm.sh/chart': 'lockstep-0.1.0',
      });
    }
    const selector = read(find(objects, 'Deployment', '-cpu'), 'spec.selector.matchLabels');
    expect(Object.keys(selector as object)).not.toContain('helm.sh/chart');
    expect(Object.keys(selector as object)).not.toContain('app.kubernetes.io/version');
  });

  it('42 has no name or label above 63 characters, with the longest release and pool', () => {
    const objects = render({
      release: 'r'.repeat(53),
      values: { ...EVERYTHING, workerPools: { ['p'.repeat(20)]: {} } },
      apiVersions: MONITORING,
    });
    expect(objects.length).toBeGreaterThan(20);
    for (const { metadata } of objects) {
      expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      for (const label of Object.values(metadata.labels ?? {})) expect(label.length).toBeLessThanOrEqual(63);
    }
  });

  it.each([
    ['a key that is not known', { wokers: {} }, 'wokers'],
    ['a key of a pool that is not known', { workerPools: { cpu: { replica: 3 } } }, 'replica'],
    ['a device that is none', { workerPools: { cpu: { device: 'tpu' } } }, 'device'],
    ['a name of a pool that is too long', { workerPools: { ['p'.repeat(21)]: {} } }, 'pattern'],
    ['resources of another shape', { coordinator: { resources: { request: {} } } }, 'request'],
    ['external NATS without a URL', { nats: { mode: 'external' } }, 'set nats.external.url'],
    ['existing certificates without a name', { tls: { mode: 'existing' } }, 'set tls.existing.coordinatorSecret'],
    ['existing tokens without a name', { tokens: { mode: 'existing' } }, 'set tokens.existing.'],
  ])('refuses %s', (_, values, words) => {
    expect(() => renderText({ values })).toThrow(words);
  });

  it('keeps what NATS acknowledges: every write of JetStream is synced', () => {
    const objects = render();
    expect(read(find(objects, 'ConfigMap', '-nats'), 'data.nats\\conf')).toContain('sync_interval: always');
    expect(read(find(objects, 'StatefulSet', '-nats'), 'spec.volumeClaimTemplates.0.metadata.name')).toBe('jetstream');
  });

  it('uses another nats-server', () => {
    const objects = render({
      values: { nats: { mode: 'external', external: { url: 'nats://n.mq.svc:4222', namespace: 'mq' } } },
    });
    expect(objects.filter(({ metadata }) => metadata.name.endsWith('-nats'))).toEqual([]);
    expect(coordinatorArgs(objects)).toContain('--nats=nats://n.mq.svc:4222');
    expect(JSON.stringify(find(objects, 'NetworkPolicy', '-worker'))).toContain('"kubernetes.io/metadata.name":"mq"');
  });

  it("makes objects of kinds that are not Kubernetes' own only where the cluster knows them", () => {
    const kinds = (apiVersions: readonly string[]): readonly string[] =>
      render({ apiVersions }).map(({ kind }) => kind);
    const ours = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'];
    expect(kinds([]).filter((kind) => ours.includes(kind))).toEqual([]);
    expect(kinds(MONITORING)).toEqual(expect.arrayContaining(ours));
  });

  it("installs the alerts and boards of the repository, boards by the label of Grafana's sidecar", () => {
    const objects = render({ apiVersions: MONITORING });
    const rules = parse(readFileSync(join(CHART, '../../prometheus/rules/lockstep.yaml'), 'utf8')) as unknown;
    expect(find(objects, 'PrometheusRule').spec).toEqual(rules);
    const board = find(objects, 'ConfigMap', '-board-job');
    expect(board.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    expect(read(board, 'data.job\\json')).toBe(readFileSync(join(CHART, '../../grafana/dashboards/job.json'), 'utf8'));
  });

  it('installs further objects as templates', () => {
    const values = {
      extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } }],
    };
    expect(find(render({ values }), 'ConfigMap', '-more').metadata.name).toBe('demo-more');
  });
});

describe('doors', () => {
  it('A39 every pod keeps to the standard restricted, with a root that is read only', () => {
    for (const values of [{}, EVERYTHING, CERT_MANAGER]) {
      const pods = podSpecs(render({ values }));
      expect(pods.length).toBeGreaterThanOrEqual(4);
      for (const { of, spec } of pods) expect(faultsOf(spec), of).toEqual([]);
    }
  });

  it('A39 no secret stands in an environment or an argument', () => {
    const objects = render();
    const token = Buffer.from(
      String(read(find(objects, 'Secret', '-worker-token'), 'data.token')),
      'base64',
    ).toString();
    expect(token).toMatch(/^lkt_\w{43}$/);
    for (const { of, spec } of podSpecs(objects)) {
      expect(JSON.stringify(spec), of).not.toContain(token);
      for (const container of list(spec, 'containers')) {
        expect(list(container, 'env').filter(({ valueFrom }) => read(valueFrom, 'secretKeyRef'))).toEqual([]);
      }
    }
  });

  it('A39 a worker reaches DNS, the coordinator and NATS, and nothing else; NATS reaches nothing', () => {
    const objects = render();
    const worker = find(objects, 'NetworkPolicy', '-worker');
    expect(list(worker, 'spec.egress').map((rule) => list(rule, 'ports').map(({ port }) => port))).toEqual([
      [53, 53],
      [4222],
      [7070],
    ]);
    expect(read(worker, 'spec.policyTypes')).toEqual(['Ingress', 'Egress']);
    const nats = find(objects, 'NetworkPolicy', '-nats');
    expect(read(nats, 'spec.egress')).toBeUndefined();
    expect(list(nats, 'spec.ingress').map((rule) => list(rule, 'ports').map(({ port }) => port))).toEqual([['client']]);
    for (const { metadata } of objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
      expect(metadata.name).toMatch(/-(coordinator|worker|nats)$/);
    }
  });

  it('speaks TLS and knows tokens unless told otherwise', () => {
    const objects = render();
    expect(coordinatorArgs(objects)).toEqual(
      expect.arrayContaining(['--tls-cert=/etc/lockstep/tls/tls.crt', '--tokens=/etc/lockstep/tokens/tokens.json']),
    );
    expect(coordinatorArgs(objects)).not.toContain('--insecure');
    expect(workerArgs(objects)).toEqual(
      expect.arrayContaining(['--tls-ca=/etc/lockstep/tls/ca.crt', '--token-file=/etc/lockstep/token/token']),
    );
    // A worker has the CA, and not the coordinator's key.
    expect(
      list(find(objects, 'Deployment', '-cpu'), 'spec.template.spec.volumes').find(({ name }) => name === 'tls'),
    ).toMatchObject({
      secret: { items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
  });

  it('knows the tokens that it generates by their hashes, in the form that the coordinator reads', () => {
    const objects = render();
    const text = Buffer.from(
      String(read(find(objects, 'Secret', '-tokens'), 'data.tokens\\json')),
      'base64',
    ).toString();
    const { format, tokens } = JSON.parse(text) as { format: number; tokens: readonly Record<string, unknown>[] };
    expect(format).toBe(1);
    expect(tokens.map(({ name, role }) => [name, role])).toEqual([
      ['worker', 'worker'],
      ['submitter', 'submitter'],
      ['viewer', 'viewer'],
    ]);
    for (const { id, sha256 } of tokens) expect(`${id} ${sha256}`).toMatch(/^[0-9a-f]{8} [0-9a-f]{64}$/);
  });

  it("has certificates made by cert-manager, a worker's with its identity", () => {
    const objects = render({ values: CERT_MANAGER });
    expect(objects.filter(({ kind }) => kind === 'Issuer')).toHaveLength(2);
    expect(read(find(objects, 'Certificate', '-worker-tls'), 'spec.uris')).toEqual(['lockstep://worker/worker']);
    expect(coordinatorArgs(objects)).toContain('--tls-client-ca=/etc/lockstep/tls/ca.crt');
    expect(workerArgs(objects)).toContain('--tls-key=/etc/lockstep/tls/tls.key');
    expect(workerArgs(objects)).toContain('--name=worker.$(POD_NAME)');
    expect(workerArgs(objects)).not.toContain('--token-file=/etc/lockstep/token/token');
    const own = render({
      values: { tls: { mode: 'certManager', certManager: { issuerRef: { name: 'corp', kind: 'ClusterIssuer' } } } },
    });
    expect(own.filter(({ kind }) => kind === 'Issuer')).toEqual([]);
    expect(read(find(own, 'Certificate', '-coordinator-tls'), 'spec.issuerRef')).toEqual({
      name: 'corp',
      kind: 'ClusterIssuer',
    });
  });

  it('opens the listener on purpose alone', () => {
    expect(coordinatorArgs(render({ values: { tls: { mode: 'none' }, tokens: { mode: 'none' } } }))).toContain(
      '--insecure',
    );
  });
});

describe('arguments', () => {
  const COMMANDS = join(CHART, '../../../packages/cli/src/commands');
  const sourceOf = (verb: string): string =>
    ['command', verb].map((name) => readFileSync(join(COMMANDS, `${name}.ts`), 'utf8')).join('');

  it('are flags that the command has', () => {
    const missing = new Set<string>();
    for (const values of [{}, CERT_MANAGER, { tls: { mode: 'none' }, tokens: { mode: 'none' } }]) {
      for (const { spec } of podSpecs(render({ values }))) {
        const [verb = '', ...flags] = read(spec, 'containers.0.args') as readonly string[];
        // nats-server has no verb.
        if (verb.startsWith('-')) continue;
        const source = sourceOf(verb);
        for (const flag of flags.map((text) => text.replace(/=.*/, ''))) {
          if (!new RegExp(`'${flag}[ ']`).test(source)) missing.add(flag);
        }
      }
    }
    expect([...missing].sort()).toEqual([]);
  });
});

describe('docs and files', () => {
  const values = join(MANIFESTS, 'values.yaml');

  it("the rendered manifests are the chart's", () => {
    const text = renderText({
      release: 'lockstep',
      values: parse(readFileSync(values, 'utf8')) as Record<string, unknown>,
    });
    const path = join(MANIFESTS, 'lockstep.yaml');
    if (process.env.UPDATE_DOCS === '1') writeFileSync(path, text);
    expect(readFileSync(path, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(text);
  });

  it('helm lints the chart without a complaint', () => {
    const out = execFileSync(tool('helm'), ['lint', '--strict', CHART], { encoding: 'utf8' });
    expect(out).toContain('1 chart(s) linted, 0 chart(s) failed');
  });
});

describe('kubeconform', () => {
  const check = (values: Values): string => {
    const location = `${tool('kubernetes-schemas')}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
    const args = ['-strict', '-summary', '-skip=Issuer,Certificate', '-schema-location', location];
    const { stdout, stderr } = spawnSync(tool('kubeconform'), args, {
      input: renderText({ values }),
      encoding: 'utf8',
    });
    return stdout + stderr;
  };

  it.each([
    ['without a value', {}],
    ['with everything', EVERYTHING],
    ['with certificates of cert-manager', CERT_MANAGER],
    ['with nothing closed', { tls: { mode: 'none' }, tokens: { mode: 'none' }, networkPolicy: { enabled: false } }],
  ])('finds no fault %s', (_, values) => {
    expect(check(values)).toMatch(/Invalid: 0, Errors: 0/);
  });

  it('finds a fault that is there', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [], hostname: 7 } };
    expect(check({ extraObjects: [pod] })).toMatch(/Pod x is invalid[\s\S]*hostname[\s\S]*Invalid: 1, Errors: 0/);
  });
});

describe('the test of a release', () => {
  it('is a pod that lists jobs', () => {
    expect(readdirSync(join(CHART, 'templates/tests'))).toEqual(['jobs.yaml']);
    const pod = find(render(), 'Pod');
    expect(read(pod, 'metadata.annotations.helm\\sh/hook')).toBe('test');
    expect(read(pod, 'spec.containers.0.args')).toContain('--server=demo-lockstep-coordinator.training.svc:7070');
  });
});
