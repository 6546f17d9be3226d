import { describe, expect, it, onTestFinished } from 'vitest';
import { WorkerMetrics } from './metrics.js';
import { serveMetrics } from './metrics-server.js';

describe('the metrics server', () => {
  it('serves the series and the health', async () => {
    const metrics = new WorkerMetrics('w', '1.2.3');
    let healthy = false;
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, metrics.registry, () => healthy);
    onTestFinished(() => server.close());
    const text = await (await fetch(`http://${server.address}/metrics`)).text();
    expect(text).toMatch(/lockstep_build_info\{version="1\.2\.3",node=".+",component="worker"\} 1/);
    expect((await fetch(`http://${server.address}/healthz`)).status).toBe(503);
    healthy = true;
    expect((await fetch(`http://${server.address}/healthz`)).status).toBe(200);
    expect((await fetch(`http://${server.address}/other`)).status).toBe(404);
    const port = Number(server.address.split(':')[1]);
    await expect(serveMetrics({ host: '127.0.0.1', port }, metrics.registry, () => true)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
  });

  it('listens where it is told to', async () => {
    const server = await serveMetrics({ host: '127.0.0.2', port: 0 }, new WorkerMetrics('w', '1').registry, () => true);
    onTestFinished(() => server.close());
    expect(server.address).toMatch(/^127\.0\.0\.2:\d+$/);
    expect((await fetch(`http://${server.address}/healthz`)).status).toBe(200);
  });
});
