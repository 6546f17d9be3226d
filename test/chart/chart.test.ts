/** The chart as a whole: what it installs, how it is closed, what it refuses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Nkey } from '../../packages/protocol/src/nats/nkey.js';
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
const LOGIN = { credsSecret: 'c', user: 'u', passwordSecret: 'p' };
const OTHER_NATS = {
  nats: {
    mode: 'external',
    external: { url: 'nats://n:4222', caSecret: 'ca', accountKeySecret: 'k', coordinator: LOGIN, worker: LOGIN },
  },
};
const CERT_MANAGER = { tls: { mode: 'certManager' } };

const accountKeyOf = (objects: readonly Manifest[]): string =>
  Buffer.from(String(read(find(objects, 'Secret', '-nats-account'), 'data.account\\key')), 'base64').toString();
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
      'Secret/demo-lockstep-nats-account',
      'Secret/demo-lockstep-nats-tls',
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
    [
      'an existing key of NATS without a name',
      { nats: { auth: { mode: 'existing' } } },
      'set nats.auth.accountKeySecret',
    ],
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

describe('doors of NATS', () => {
  const configOf = (objects: readonly Manifest[]): string =>
    String(read(find(objects, 'ConfigMap', '-nats'), 'data.nats\\conf'));
  const natsArgs = (args: unknown): readonly string[] =>
    (args as readonly string[]).filter((arg) => arg.startsWith('--nats-'));

  it('A26 are closed: users of a key that only the coordinator has, and TLS', () => {
    for (const values of [{}, CERT_MANAGER]) {
      const objects = render({ values });
      expect(configOf(objects)).toContain('include ../../var/lib/nats/account.conf');
      expect(configOf(objects)).toMatch(/tls \{\n {2}cert_file: \S+\n {2}key_file: \S+\n\}/);
      const pod = read(find(objects, 'StatefulSet', '-nats'), 'spec.template.spec');
      expect(read(pod, 'initContainers.0.args')).toEqual([
        'nats-config',
        '--account-key=/etc/lockstep/nats-account/account.key',
        '--out=/var/lib/nats/account.conf',
      ]);
      expect(natsArgs(coordinatorArgs(objects))).toEqual([
        '--nats-account-key=/etc/lockstep/nats-account/account.key',
        '--nats-tls-ca=/etc/lockstep/nats-tls/ca.crt',
      ]);
      // Workers are told by the coordinator.
      expect(natsArgs(workerArgs(objects))).toEqual([]);
      expect(JSON.stringify(find(objects, 'Deployment', '-worker-cpu'))).not.toContain('nats-');
    }
    expect(Nkey.read('account', accountKeyOf(render())).id).toMatch(/^A/);
  });

  it('have the key and the certificate of existing Secrets', () => {
    const objects = render({
      values: {
        tls: { mode: 'existing', existing: { coordinatorSecret: 'own-tls', natsSecret: 'nats-cert' } },
        nats: { auth: { mode: 'existing', accountKeySecret: 'nats-key' } },
      },
    });
    const secrets = list(find(objects, 'StatefulSet', '-nats'), 'spec.template.spec.volumes').map((volume) =>
      read(volume, 'secret.secretName'),
    );
    expect(secrets.filter(Boolean)).toEqual(['nats-cert', 'nats-key']);
    expect(objects.filter(({ metadata }) => /nats-(tls|account)$/.test(metadata.name))).toEqual([]);
  });

  it('open on purpose alone', () => {
    const objects = render({ values: { tls: { mode: 'none' }, nats: { auth: { mode: 'none' } } } });
    expect(configOf(objects)).not.toMatch(/include|tls/);
    expect(natsArgs(coordinatorArgs(objects))).toEqual([]);
  });

  it('of another server are opened with what Secrets hold', () => {
    const external = { url: 'nats://n.mq.svc:4222', caSecret: 'ca' };
    const of = (more: object) => render({ values: { nats: { mode: 'external', external: { ...external, ...more } } } });
    const byPassword = of({
      coordinator: { user: 'lockstep', passwordSecret: 'p' },
      worker: { user: 'worker', passwordSecret: 'w' },
    });
    expect(natsArgs(coordinatorArgs(byPassword))).toEqual([
      '--nats-tls-ca=/etc/lockstep/nats-tls/ca.crt',
      '--nats-user=lockstep',
      '--nats-password-file=/etc/lockstep/nats-password/password',
    ]);
    expect(natsArgs(workerArgs(byPassword))).toEqual([
      '--nats-user=worker',
      '--nats-password-file=/etc/lockstep/nats-password/password',
    ]);
    const worker = list(find(byPassword, 'Deployment', '-worker-cpu'), 'spec.template.spec.volumes');
    expect(worker.map((volume) => read(volume, 'secret.secretName'))).toContain('w');
    const byKey = of({ accountKeySecret: 'k', coordinator: { credsSecret: 'c' } });
    expect(natsArgs(coordinatorArgs(byKey))).toEqual([
      '--nats-account-key=/etc/lockstep/nats-account/account.key',
      '--nats-tls-ca=/etc/lockstep/nats-tls/ca.crt',
      '--nats-creds=/etc/lockstep/nats-creds/user.creds',
    ]);
    expect(natsArgs(workerArgs(byKey))).toEqual([]);
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
    const key = accountKeyOf(objects).split('\n')[1] ?? '';
    expect(key).toMatch(/^[\w+/=]{64}$/);
    for (const { of, spec } of podSpecs(objects)) {
      for (const secret of [token, key]) expect(JSON.stringify(spec), of).not.toContain(secret);
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
    for (const values of [{}, CERT_MANAGER, { tls: { mode: 'none' }, tokens: { mode: 'none' } }, OTHER_NATS]) {
      for (const { spec } of podSpecs(render({ values }))) {
        // nats-server has no verb, but what writes its configuration.
        const own = read(spec, 'initContainers.0.args') ?? read(spec, 'containers.0.args');
        const [verb = '', ...flags] = own as readonly string[];
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
    ['with another NATS', OTHER_NATS],
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
