/** Traces where the packages of OpenTelemetry are not installed. */
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { openTracing } from './open-tracing.js';

vi.mock('@opentelemetry/sdk-trace-base', () => {
  throw new Error("Cannot find package '@opentelemetry/sdk-trace-base'");
});

it('one line of the log says what to install, and the coordinator goes on', async () => {
  const lines: unknown[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  expect(await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, '0', logger)).toBeNull();
  expect(lines).toEqual([
    expect.objectContaining({
      code: 'TRACING_UNAVAILABLE',
      msg: expect.stringMatching(/^No traces are sent: .*npm install @opentelemetry\/api@1\.9 /),
    }),
  ]);
});
