/**
 * Traces by OpenTelemetry, for a coordinator that is told where to send them. Its packages are optional; they are loaded
 * only then. Nothing here is awaited by training: spans wait in a bounded queue and are sent beside it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isTracingWanted, type TracingEnvironment } from '@lockstep/protocol/core';
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import { TRACING_CLOSE_MS } from '../limits.js';
import { SpanWriter } from './span-writer.js';

/** Where spans go. */
export interface Tracing {
  readonly writer: SpanWriter;
  /** Sends what waits, for a few seconds at most. */
  close(): Promise<void>;
}

/** What installs the packages that are imported below. */
const INSTALL =
  'npm install @opentelemetry/api@1.9 @opentelemetry/sdk-trace-base@2.10 @opentelemetry/resources@2.10 @opentelemetry/exporter-trace-otlp-proto@0.221';
/** Protocol of the exporter. */
const PROTOCOL = 'http/protobuf';

/**
 * Opens what OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names.
 * @returns null where nothing is asked for, and where it cannot be had, which one line of the log says
 */
export async function openTracing(env: TracingEnvironment, version: string, logger: Logger): Promise<Tracing | null> {
  if (!isTracingWanted(env)) return null;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? PROTOCOL;
  if (protocol !== PROTOCOL) {
    const fix = `Unset it, or set it to ${PROTOCOL}.`;
    logger.warn(
      { code: 'TRACING_UNAVAILABLE' },
      `No traces are sent: OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}. ${fix}`,
    );
    return null;
  }
  try {
    return await open(version, logger);
  } catch (err) {
    const why = err instanceof Error ? err.message.split('\n')[0] : String(err);
    logger.warn(
      { code: 'TRACING_UNAVAILABLE', err },
      `No traces are sent: ${why}. Install them beside lockstep: ${INSTALL}`,
    );
    return null;
  }
}

async function open(version: string, logger: Logger): Promise<Tracing> {
  const api = await import('@opentelemetry/api');
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    '@opentelemetry/resources'
  );
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const own: Attributes = { 'service.name': 'lockstep-coordinator', 'service.version': version };
  const provider = new BasicTracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are the last word.
    resource: defaultResource()
      .merge(resourceFromAttributes(own))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new ToldExporter(new OTLPTraceExporter(), logger))],
  });
  return {
    writer: new SpanWriter(api, provider.getTracer('lockstep', version)),
    close: async () => {
      await Promise.race([provider.shutdown().catch(() => {}), sleep(TRACING_CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** An exporter whose failures the log tells of: once, until it works again. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isFailing = false;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#exporter.export(spans, (result) => {
      const hasFailed = result.error !== undefined;
      if (hasFailed && !this.#isFailing) {
        const code = 'TRACING_UNAVAILABLE';
        this.#logger.warn({ code, spans: spans.length }, `Traces cannot be sent: ${result.error?.message}`);
      } else if (!hasFailed && this.#isFailing) this.#logger.info('traces are sent again');
      this.#isFailing = hasFailed;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }
}
