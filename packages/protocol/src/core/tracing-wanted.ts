/** Whether somebody wants traces. */

/** Variables of the environment, as OpenTelemetry names them. */
export type TracingEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether an environment asks for traces, by OpenTelemetry's rules. */
export function isTracingWanted(env: TracingEnvironment): boolean {
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none';
  return !isOff && Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}
