/** Renders the chart with a real helm. */
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** The chart's folder. */
export const CHART = join(ROOT, 'deploy/k8s/chart');
/** Where the rendered manifests of the repository lie. */
export const MANIFESTS = join(ROOT, 'deploy/k8s/manifests');

/** Values of the chart, or a part of them. */
export type Values = Readonly<Record<string, unknown>>;

/** An object that the chart makes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [key: string]: unknown;
}

/** How the chart is rendered. */
export interface RenderOptions {
  readonly release?: string;
  readonly values?: Values;
  /** Kinds that the cluster knows besides Kubernetes' own: "monitoring.coreos.com/v1/PodMonitor". */
  readonly apiVersions?: readonly string[];
}

/** Path of a program that scripts/tools provides; the first call of a machine may build it. */
export function tool(name: string): string {
  return join(execFileSync(join(ROOT, 'scripts/tools'), [name], { encoding: 'utf8' }).trim(), name);
}

/** The text that helm renders. @throws Error with helm's words */
export function renderText({ release = 'demo', values = {}, apiVersions = [] }: RenderOptions = {}): string {
  const { status, stdout, stderr } = spawnSync(
    tool('helm'),
    ['template', release, CHART, '--namespace', 'training', '--values', '-', '--kube-version', '1.37.0'].concat(
      apiVersions.flatMap((version) => ['--api-versions', version]),
    ),
    { input: stringify(values), encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The objects of a text of helm's. */
export function toManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as Manifest | null;
    })
    .filter((object): object is Manifest => object !== null);
}

/** The objects that helm renders. @throws Error with helm's words */
export function render(options: RenderOptions = {}): readonly Manifest[] {
  return toManifests(renderText(options));
}

/** The one object of a kind, and of a component or name where several are there. */
export function find(objects: readonly Manifest[], kind: string, name = ''): Manifest {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name.endsWith(name));
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind} whose name ends in "${name}"`);
  return found[0] as Manifest;
}

/**
 * What stands at a path: "spec.containers.0.image"; -1 is the last of a list, and a key that holds dots has "\\" for them.
 * @returns undefined where nothing stands
 */
export function read(from: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, step) => {
    if (Array.isArray(part)) return part.at(Number(step));
    return (part as Values | null | undefined)?.[step.replaceAll('\\', '.')];
  }, from);
}

/** A list at a path; empty where nothing stands. */
export function list(from: unknown, path: string): readonly Values[] {
  return (read(from, path) ?? []) as readonly Values[];
}

/** The specs of the pods that objects make: of workloads, and bare ones. */
export function podSpecs(objects: readonly Manifest[]): readonly { readonly of: string; readonly spec: unknown }[] {
  return objects.flatMap((object) => {
    const spec = object.kind === 'Pod' ? object.spec : read(object, 'spec.template.spec');
    return spec ? [{ of: `${object.kind}/${object.metadata.name}`, spec }] : [];
  });
}
