/** What tests ask of the cluster: kubectl, helm, a namespace that holds pods to the standard restricted. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { CHART, type Values } from '../chart/helm.ts';
import { type CommandResult, finish } from '../support/lockstep.ts';

/** Name of the release under test. */
export const RELEASE = 'training';

/** A namespace of one test, with a release of the chart. */
export class Namespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Makes one; when the test ends, all in it goes. */
  static async make(name: string): Promise<Namespace> {
    const enforce = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: enforce } }]);
    onTestFinished(() => command('kubectl', ['delete', 'namespace', name, '--wait=false']).then(() => {}));
    return new Namespace(name);
  }

  /** Runs kubectl in it. @returns its output @throws Error with its words */
  kubectl(...args: readonly string[]): Promise<string> {
    return kubectl('--namespace', this.name, ...args);
  }

  /** The objects of a kind. */
  async list<Item>(kind: string, selector = ''): Promise<readonly Item[]> {
    const text = await this.kubectl('get', kind, '--selector', selector, '--output', 'json');
    return (JSON.parse(text) as { items: Item[] }).items;
  }

  /** Installs or upgrades the release, and waits until its pods are ready unless told otherwise. @returns what helm printed */
  async release(verb: 'install' | 'upgrade', values: Values = {}, waits = true): Promise<CommandResult> {
    const how = ['--values', '-', ...(waits ? ['--wait', '--timeout', '90s'] : [])];
    return succeed('helm', [verb, RELEASE, CHART, '--namespace', this.name, ...how], stringify(values));
  }

  /** Puts an older revision of the release back. */
  async rollback(revision: number): Promise<void> {
    await succeed('helm', ['rollback', RELEASE, String(revision), '--namespace', this.name, '--wait']);
  }

  /** Adds objects. @throws Error with the API server's words */
  apply(objects: readonly object[]): Promise<string> {
    return apply(objects, this.name);
  }
}

/** A pod as far as tests look at it. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly args: readonly string[] }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** Runs kubectl. @returns its output @throws Error with its words */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return (await succeed('kubectl', args)).stdout;
}

/** Adds or changes objects. @throws Error with the API server's words */
export async function apply(objects: readonly object[], namespace = 'default'): Promise<string> {
  const items = { apiVersion: 'v1', kind: 'List', items: objects };
  return (await succeed('kubectl', ['--namespace', namespace, 'apply', '--filename', '-'], stringify(items))).stdout;
}

/** Lets the API server judge a manifest without keeping it. @throws Error with its words */
export async function judge(namespace: string, manifest: string): Promise<string> {
  const how = ['apply', '--dry-run=server', '--filename', '-'];
  return (await succeed('kubectl', ['--namespace', namespace, ...how], manifest)).stdout;
}

/** Runs a program against the cluster to its end. */
export function command(program: 'kubectl' | 'helm', args: readonly string[], input = ''): Promise<CommandResult> {
  const env = { ...process.env, KUBECONFIG: inject('kubeconfig') };
  const child = spawn(join(inject('programs'), program), args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  return finish(child);
}

async function succeed(program: 'kubectl' | 'helm', args: readonly string[], input = ''): Promise<CommandResult> {
  const result = await command(program, args, input);
  if (result.code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${result.code}\n${result.stderr}`);
  return result;
}
