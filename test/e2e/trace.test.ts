/** The trace of a run: its file, and what it says of the time. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lockstep, ROOT, trainJson } from '../support/lockstep.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const work = mkdtempSync(join(tmpdir(), 'lockstep-trace-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Trace {
  readonly traceEvents: readonly { name: string; ph: string; args: { name?: string; step?: number } }[];
}

it('train --trace writes every step of both workers, names the slowest, and leaves the model as it is', async () => {
  const short = [SPEC, '--workers', '2', '--set', 'train.epochs=2'];
  const file = join(work, 'trace.json');
  const traced = await trainJson([...short, '--out', join(work, 'traced'), '--trace', file]);
  const plain = await trainJson([...short, '--out', join(work, 'plain')]);
  expect(traced.parametersSha256).toBe(plain.parametersSha256);
  const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as Trace;
  const processes = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args.name);
  expect(processes.sort()).toEqual(['coordinator', 'worker-0', 'worker-1']);
  const updates = traceEvents.filter(({ name }) => name === 'update').map(({ args }) => args.step);
  expect(updates).toEqual(Array.from({ length: 30 }, (_, step) => step));
  expect(traced.trace).toMatchObject({ steps: 30, droppedSpans: 0 });
  expect(traced.trace?.slowestWorker?.worker).toMatch(/^worker-[01]$/);
  expect(plain.trace).toBeNull();
});

it('lockstep train sends the spans of its job to a collector before it ends', async () => {
  const { url, spans } = await startOtlpReceiver();
  const parent = '00f067aa0ba902b7';
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    TRACEPARENT: `00-4bf92f3577b34da6a3ce929d0e0e4736-${parent}-01`,
  };
  const spec = join(ROOT, 'examples/wine/job.yaml');
  const { code, stderr } = await lockstep(['train', spec, '--workers', '1', '--out', join(work, 'spans')], { env });
  expect(code, stderr).toBe(0);
  expect(spans.find(({ name }) => name === 'job')).toMatchObject({
    parentSpanId: parent,
    attributes: { 'lockstep.state': 'succeeded' },
  });
  expect(spans.map(({ name }) => name)).toContain('epoch');
});
