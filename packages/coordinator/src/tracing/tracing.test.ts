/** Traces of a whole job, as a collector gets them. */
import { isTracingWanted } from '@lockstep/protocol/core';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type ReceivedSpan, startOtlpReceiver } from '../../../../test/support/otlp-receiver.js';
import { RunningCoordinator } from '../testing/running-coordinator.js';
import { TestWorker } from '../testing/worker.js';
import { openTracing, type Tracing } from './open-tracing.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

/** Told by each line of a log: level and message. */
function openLog() {
  const lines: { level: number; msg: string; code?: string }[] = [];
  return { lines, logger: pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) }) };
}

async function openAt(url: string, logger = openLog().logger): Promise<Tracing> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const tracing = await openTracing(env, '9.9.9', logger);
  if (!tracing) throw new Error('no tracing');
  onTestFinished(() => tracing.close());
  return tracing;
}

it('are the job inside the span of its client, its phases, epochs, evaluations, checkpoints and export, and workers', async () => {
  const { url, spans, requests } = await startOtlpReceiver();
  const tracing = await openAt(url);
  const running = await RunningCoordinator.start({ tracing });
  await TestWorker.join(running.address, 'w0', {});
  const { id } = await running.submit(undefined, {
    overrides: { 'run.workers': '1', 'split.validation': '0.2' },
    traceparent: `00-${TRACE}-${SPAN}-01`,
  });
  expect((await running.ended(id)).state).toBe('JOB_STATE_SUCCEEDED');
  await running.stop();
  expect(new Set(requests)).toEqual(new Set(['POST /v1/traces application/x-protobuf']));
  const named = (name: string): ReceivedSpan[] => spans.filter((span) => span.name === name);
  const [job] = named('job');
  expect(job).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, error: null });
  expect(job?.attributes).toMatchObject({
    ...{ 'lockstep.job.id': id, 'lockstep.job.name': 'small', 'lockstep.namespace': 'default', 'lockstep.workers': 1 },
    ...{ 'lockstep.state': 'succeeded', 'lockstep.lanes': 4 },
  });
  expect(job?.resource).toMatchObject({
    ...{ 'service.name': 'lockstep-coordinator', 'service.version': '9.9.9', 'deployment.environment': 'test' },
  });
  for (const phase of ['pending', 'preparing', 'running', 'finishing']) {
    expect(named(phase).at(-1), phase).toMatchObject({ traceId: TRACE, parentSpanId: job?.spanId });
  }
  const running_ = named('running')[0];
  const epochs = named('epoch');
  expect(epochs.map(({ attributes }) => attributes['lockstep.epoch'])).toEqual([1, 2, 3]);
  expect(epochs.every(({ parentSpanId }) => parentSpanId === running_?.spanId)).toBe(true);
  expect(named('evaluation').map(({ parentSpanId }) => parentSpanId)).toEqual(epochs.map(({ spanId }) => spanId));
  expect(named('checkpoint').length).toBeGreaterThanOrEqual(3);
  const finishing = named('finishing')[0]?.spanId;
  expect(['export', 'test'].map((name) => named(name)[0]?.parentSpanId)).toEqual([finishing, finishing]);
  expect(named('worker session')).toMatchObject([{ parentSpanId: '', attributes: { 'lockstep.worker.id': 'w0' } }]);
  expect(job?.events.map(({ name }) => name)).toContain('worker ready');
  const ofJob = spans.filter(({ traceId }) => traceId === TRACE);
  expect(spans.filter((span) => !ofJob.includes(span)).map(({ name }) => name)).toEqual(['worker session']);
  for (const { name, startSeconds, endSeconds } of ofJob) {
    expect(startSeconds, name).toBeGreaterThanOrEqual(job?.startSeconds ?? 0);
    expect(endSeconds, name).toBeGreaterThanOrEqual(startSeconds);
    expect(endSeconds, name).toBeLessThanOrEqual(job?.endSeconds ?? 0);
  }
});

it('of a job that a coordinator leaves say so, and those of one that fails say why', async () => {
  const { url, spans } = await startOtlpReceiver();
  const running = await RunningCoordinator.start({ tracing: await openAt(url) });
  const waiting = await running.submit();
  const failing = await running.submit('name: x', {}).catch(() => null);
  expect(failing).toBeNull();
  const cancelled = await running.submit(undefined, { requestId: 'second' });
  await running.call('cancelJob', { jobId: cancelled.id, reason: 'not needed' });
  await running.stop();
  const jobs = new Map(
    spans.filter(({ name }) => name === 'job').map((span) => [span.attributes['lockstep.job.id'], span]),
  );
  expect([...jobs.keys()].sort()).toEqual([waiting.id, cancelled.id].sort());
  expect(jobs.get(waiting.id)?.attributes).toMatchObject({ 'lockstep.unfinished': true });
  expect(jobs.get(cancelled.id)?.attributes).toMatchObject({ 'lockstep.state': 'cancelled' });
});

it('that nobody takes end nothing, and the log says so once', async () => {
  const { url, requests } = await startOtlpReceiver(400);
  const { logger, lines } = openLog();
  const running = await RunningCoordinator.start({ tracing: await openAt(url, logger) });
  await TestWorker.join(running.address, 'w0', {});
  const { id } = await running.submit(undefined, { overrides: { 'run.workers': '1' } });
  expect((await running.ended(id)).state).toBe('JOB_STATE_SUCCEEDED');
  await running.stop();
  expect(requests.length).toBeGreaterThan(0);
  expect(lines.filter(({ code }) => code === 'TRACING_UNAVAILABLE')).toHaveLength(1);
  expect(lines[0]?.msg).toMatch(/^Traces cannot be sent: /);
});

it('are asked for by the variables of OpenTelemetry alone', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  expect(isTracingWanted({})).toBe(false);
  expect(isTracingWanted(endpoint)).toBe(true);
  expect(isTracingWanted({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' })).toBe(true);
  expect(isTracingWanted({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' })).toBe(false);
  expect(isTracingWanted({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
});

it('of another protocol are not sent, and the log says what to set', async () => {
  const { logger, lines } = openLog();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(await openTracing(env, '0', logger)).toBeNull();
  expect(lines).toMatchObject([{ code: 'TRACING_UNAVAILABLE', msg: expect.stringContaining('http/protobuf') }]);
});
