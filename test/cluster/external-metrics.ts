/** Serves series of a /metrics page as `external.metrics.k8s.io`, as Prometheus' adapter does for an autoscaler. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { onTestFinished } from 'vitest';
import { TestAuthority } from '../support/certificates.ts';
import { freePort } from '../support/nats-server.ts';
import { apply, kubectl } from './cluster.ts';

const GROUP = 'external.metrics.k8s.io';
const VERSION = 'v1beta1';
const SERVICE = { name: 'external-metrics', namespace: 'default' };
const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

/** The series of a name on a page of Prometheus' text format. */
function seriesOf(page: string, name: string): readonly Series[] {
  return page.split('\n').flatMap((line) => {
    const [, found, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (found !== name) return [];
    return [
      { labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map((pair) => pair.slice(1))), value },
    ];
  });
}

/** Whether labels are as a selector of equalities wants them. */
const matches = (labels: Series['labels'], selector: string): boolean =>
  selector
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const [key = '', value] = part.split('=');
      return labels[key] === value;
    });

function answer(path: string, selector: string, page: string): object | null {
  const base = `/apis/${GROUP}/${VERSION}`;
  if (path === base)
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${GROUP}/${VERSION}`, resources: [] };
  const [, metricName] = new RegExp(`^${base}/namespaces/[^/]+/(\\w+)$`).exec(path) ?? [];
  if (!metricName) return null;
  const items = seriesOf(page, metricName)
    .filter(({ labels }) => matches(labels, selector))
    .map(({ labels: metricLabels, value }) => ({
      metricName,
      metricLabels,
      value,
      timestamp: new Date().toISOString(),
    }));
  return { kind: 'ExternalMetricValueList', apiVersion: `${GROUP}/${VERSION}`, metadata: {}, items };
}

/** Lets the cluster read the series of a process. @param metrics "host:port" of its /metrics */
export async function serveExternalMetrics(metrics: string): Promise<void> {
  const { cert, key } = await (await TestAuthority.make()).server();
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
    const page = await (await fetch(`http://${metrics}/metrics`)).text();
    const body = answer(pathname, searchParams.get('labelSelector') ?? '', page);
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const service = { ...SERVICE, port };
  const name = `${VERSION}.${GROUP}`;
  onTestFinished(() => kubectl('delete', 'apiservice', name).then(() => {}));
  await apply([
    { apiVersion: 'v1', kind: 'Service', metadata: SERVICE, spec: { type: 'ExternalName', externalName: 'localhost' } },
    {
      ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name } },
      spec: {
        ...{ group: GROUP, version: VERSION, service, insecureSkipTLSVerify: true },
        ...{ groupPriorityMinimum: 100, versionPriority: 100 },
      },
    },
  ]);
  await kubectl('wait', 'apiservice', name, '--for=condition=Available', '--timeout=60s');
}
