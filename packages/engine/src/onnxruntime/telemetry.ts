/** ONNX Runtime reports to its makers over the internet, and leaves a log in the temporary folder, unless told not to. */

/** Turns that off; only the environment it is loaded in counts. */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
