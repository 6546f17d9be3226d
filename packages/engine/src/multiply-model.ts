/** The least model there is: what shows that an engine computes at all. */

const MODEL =
  'CAgSCGxvY2tzdGVwOkYKDgoBeAoBeRIBeiIDTXVsEgFwWg8KAXgSCgoICAESBAoCCAFaDwoBeRIKCggIARIECgIIAWIPCgF6EgoKCAgBEgQKAggBQgQKABAR';

/** z = x * y over one float32, an ONNX model of opset 17. */
export function multiplyModel(): Uint8Array {
  return Buffer.from(MODEL, 'base64');
}
