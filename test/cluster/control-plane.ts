/**
 * A control plane of Kubernetes for one run of the tests: etcd, API server, controllers and scheduler as processes on
 * this machine. kwok plays its nodes and what pods do on them; no container runs.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { stringify } from 'yaml';
import { ROOT } from '../support/lockstep.ts';
import { freePort } from '../support/nats-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the kubeconfig of an administrator. */
    kubeconfig: string;
    /** Folder of kubectl and helm. */
    programs: string;
  }
}

const PROGRAMS = [
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  ...['kubectl', 'kwok', 'kwok-stages', 'helm'],
];
const PATIENCE_MS = 60_000;
const POLL_MS = 250;
const GPUS_PER_NODE = 8;
/** Volumes that claims can have; they are not used twice. */
const VOLUMES = 30;

const node = (name: string, allocatable: object, taints: readonly object[] = []): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  spec: { taints },
  status: { allocatable, capacity: allocatable },
});
const gpuNode = (name: string): object =>
  node(name, { cpu: '32', memory: '256Gi', pods: '110', 'nvidia.com/gpu': String(GPUS_PER_NODE) }, [
    { key: 'nvidia.com/gpu', effect: 'NoSchedule' },
  ]);

/** Two nodes with 8 GPUs each and one without; volumes that a claim gets without a provisioner. */
const OBJECTS: readonly object[] = [
  ...['gpu-1', 'gpu-2'].map(gpuNode),
  node('cpu-1', { cpu: '32', memory: '64Gi', pods: '110' }),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'played', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner',
  },
  ...Array.from({ length: VOLUMES }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `volume-${index}` },
    spec: {
      storageClassName: 'played',
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/nowhere' },
    },
  })),
];

interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

class ControlPlane {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-cluster-'));
  readonly kubeconfig = join(this.folder, 'kubeconfig');
  readonly #programs: string;
  readonly #running: Running[] = [];

  constructor(programs: string) {
    this.#programs = programs;
  }

  async start(): Promise<void> {
    const [etcd, peers, api, controllers, scheduler] = await Promise.all(Array.from({ length: 5 }, freePort));
    const etcdUrl = `http://127.0.0.1:${etcd}`;
    const peerUrl = `http://127.0.0.1:${peers}`;
    const key = join(this.folder, 'accounts.key');
    const token = this.#writeAccess(key, api ?? 0);
    this.#spawn('etcd', {
      ...{ 'data-dir': join(this.folder, 'etcd'), 'unsafe-no-fsync': 'true' },
      ...{ 'listen-client-urls': etcdUrl, 'advertise-client-urls': etcdUrl },
      ...{ 'listen-peer-urls': peerUrl, 'initial-advertise-peer-urls': peerUrl },
      'initial-cluster': `default=${peerUrl}`,
    });
    const issuer = 'https://kubernetes.default.svc';
    this.#spawn('kube-apiserver', {
      ...{ 'etcd-servers': etcdUrl, 'bind-address': '127.0.0.1', 'advertise-address': '127.0.0.1' },
      ...{ 'secure-port': String(api), 'cert-dir': join(this.folder, 'certs'), 'token-auth-file': token },
      ...{ 'service-account-key-file': key, 'service-account-signing-key-file': key },
      ...{ 'service-account-issuer': issuer, 'api-audiences': issuer },
      ...{ 'authorization-mode': 'RBAC,Node', 'service-cluster-ip-range': '10.96.0.0/16' },
      ...{ 'endpoint-reconciler-type': 'none', 'allow-privileged': 'true' },
    });
    await this.#until('the API server is ready', ['get', '--raw', '/readyz']);
    const common = { kubeconfig: this.kubeconfig, 'bind-address': '127.0.0.1', 'leader-elect': 'false' };
    this.#spawn('kube-controller-manager', {
      ...{ ...common, 'secure-port': String(controllers), 'cert-dir': join(this.folder, 'certs') },
      ...{ 'service-account-private-key-file': key, 'use-service-account-credentials': 'true' },
      'horizontal-pod-autoscaler-sync-period': '1s',
    });
    this.#spawn('kube-scheduler', {
      ...{ ...common, 'secure-port': String(scheduler), 'authentication-skip-lookup': 'true' },
    });
    await this.#until('accounts are made', ['--namespace', 'default', 'get', 'serviceaccount', 'default']);
    this.#spawn('kwok', {
      ...{ kubeconfig: this.kubeconfig, 'manage-all-nodes': 'true', config: this.#writeStages() },
      ...{ cidr: '10.0.0.1/24', 'node-ip': '10.0.0.1' },
    });
    const objects = { apiVersion: 'v1', kind: 'List', items: OBJECTS };
    this.#kubectl(['apply', '--filename', '-'], stringify(objects));
    await this.#until('nodes are ready', ['wait', 'node', '--all', '--for=condition=Ready', '--timeout=1s']);
  }

  /** Ends what was started, the newest first. */
  async stop(): Promise<void> {
    for (const { child, ended } of this.#running.reverse()) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS / 4);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends what runs when this process ends without being asked to. */
  kill(): void {
    for (const { child } of this.#running) child.kill('SIGKILL');
  }

  #spawn(name: string, flags: Readonly<Record<string, string>>): void {
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const child = spawn(join(this.#programs, name), args, { cwd: this.folder, stdio: ['ignore', log, log] });
    this.#running.push({ name, child, ended: new Promise((resolve) => child.once('close', () => resolve())) });
  }

  #kubectl(args: readonly string[], input = ''): void {
    const env = { ...process.env, KUBECONFIG: this.kubeconfig };
    execFileSync(join(this.#programs, 'kubectl'), args, { input, env, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async #until(what: string, args: readonly string[]): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
      try {
        this.#kubectl(args);
        return;
      } catch (thrown) {
        const gone = this.#running.find(({ child }) => child.exitCode !== null);
        if (!gone && Date.now() < deadline) continue;
        const log = gone ? readFileSync(join(this.folder, `${gone.name}.log`), 'utf8').slice(-2000) : '';
        throw new Error(`not so: ${what}: ${gone ? `${gone.name} ended:\n${log}` : (thrown as Error).message}`);
      }
    }
  }

  /** Writes the key of service accounts, an administrator's token and kubeconfig. @returns path of the tokens */
  #writeAccess(key: string, port: number): string {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    const token = randomBytes(16).toString('hex');
    const tokens = join(this.folder, 'tokens.csv');
    writeFileSync(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
    const name = 'test';
    const kubeconfig = {
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
      clusters: [{ name, cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    };
    writeFileSync(this.kubeconfig, stringify(kubeconfig), { mode: 0o600 });
    return tokens;
  }

  /** One file of all stages. @returns its path */
  #writeStages(): string {
    const path = join(this.folder, 'stages.yaml');
    const folder = join(this.#programs, 'kwok-stages');
    const stages = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    writeFileSync(path, stages.join('\n---\n'));
    return path;
  }
}

/** Starts it for every file, and stops it after the last. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const programs = execFileSync(join(ROOT, 'scripts/tools'), PROGRAMS, { encoding: 'utf8' }).trim();
  const plane = new ControlPlane(programs);
  process.once('exit', () => plane.kill());
  try {
    await plane.start();
  } catch (thrown) {
    await plane.stop();
    throw thrown;
  }
  provide('kubeconfig', plane.kubeconfig);
  provide('programs', programs);
  return () => plane.stop();
}
