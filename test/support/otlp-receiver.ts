/** Receives traces as an OpenTelemetry collector does: OTLP in protobuf over HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';
import { onTestFinished } from 'vitest';

/** The part of opentelemetry/proto/trace/v1 that is looked at. */
const PROTO = `syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

type Value = string | number | boolean;

/** A span as it was received. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' where it has none. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, Value>> }[];
  /** Message of the status; null where there was no error. */
  readonly error: string | null;
  /** Attributes of the process that it comes from. */
  readonly resource: Readonly<Record<string, Value>>;
}

interface WireKeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, Value>>;
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WireKeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly WireKeyValue[] }[];
  readonly status: { readonly message: string; readonly code: number } | null;
}

interface WireRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireKeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** Starts a receiver on a free port. @param status answered to every request @default 200 */
export async function startOtlpReceiver(
  status = 200,
): Promise<{ url: string; spans: ReceivedSpan[]; requests: string[] }> {
  const request = protobuf.parse(PROTO).root.lookupType('Request');
  const spans: ReceivedSpan[] = [];
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      requests.push(`${incoming.method} ${incoming.url} ${incoming.headers['content-type']}`);
      if (status === 200) {
        const object = request.toObject(request.decode(Buffer.concat(parts)), {
          longs: String,
          bytes: String,
          defaults: true,
        });
        spans.push(...read(object as WireRequest));
      }
      outgoing.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, requests };
}

function read({ resourceSpans }: WireRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes, events, status, name, ...ids }) => ({
        name,
        traceId: hex(ids.traceId),
        spanId: hex(ids.spanId),
        parentSpanId: hex(ids.parentSpanId),
        startSeconds: Number(startTimeUnixNano) / 1e9,
        endSeconds: Number(endTimeUnixNano) / 1e9,
        attributes: valuesOf(attributes),
        events: events.map((event) => ({ name: event.name, attributes: valuesOf(event.attributes) })),
        error: status?.code === 2 ? status.message : null,
        resource: valuesOf(resource.attributes),
      })),
    ),
  );
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function valuesOf(pairs: readonly WireKeyValue[]): Record<string, Value> {
  return Object.fromEntries(
    pairs.map(({ key, value }) => {
      const [kind = '', found = ''] = Object.entries(value)[0] ?? [];
      return [key, kind === 'intValue' ? Number(found) : found];
    }),
  );
}
