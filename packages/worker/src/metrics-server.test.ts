import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('A1 is not open to other machines by mistake, and with a token only to whoever has it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-metrics-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const tokenFile = join(folder, 'token');
    const { registry } = new WorkerMetrics('w', '1');
    const serve = async (more: object): Promise<(path: string, token?: string) => Promise<number>> => {
      const server = await serveMetrics({ host: '0.0.0.0', port: 0, ...more }, registry, () => true);
      onTestFinished(() => server.close());
      const address = server.address.replace('0.0.0.0', '127.0.0.1');
      return async (path, token) => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        return (await fetch(`http://${address}${path}`, { headers })).status;
      };
    };
    await expect(serve({})).rejects.toMatchObject({ code: 'LISTENER_UNPROTECTED', field: '--metrics-host' });
    await expect(serve({ tokenFile })).rejects.toMatchObject({ code: 'TOKENS_INVALID' });
    await writeFile(tokenFile, 'short\n');
    await expect(serve({ tokenFile })).rejects.toMatchObject({ code: 'TOKENS_INVALID' });
    const open = await serve({ insecure: true });
    expect(await open('/metrics')).toBe(200);
    await writeFile(tokenFile, '0123456789abcdef\n');
    const locked = await serve({ tokenFile });
    const shown = [undefined, '', 'wrong', '0123456789abcdef'];
    expect(await Promise.all(shown.map((token) => locked('/metrics', token)))).toEqual([401, 401, 401, 200]);
    expect(await locked('/healthz')).toBe(200);
    await writeFile(tokenFile, 'fedcba9876543210');
    expect(await locked('/metrics', '0123456789abcdef')).toBe(401);
    await rm(tokenFile);
    expect(await locked('/metrics', 'fedcba9876543210')).toBe(401);
  });
});
