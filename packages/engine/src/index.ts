/** The engine port and its adapters, and what a machine has for them. */
export {
  type DeviceReport,
  type DeviceRow,
  type EngineRow,
  engineRow,
  judgeDevices,
  type ProviderRow,
} from './core/devices.js';
export { type Obstacle, PROVIDERS, type Provider, type Trial } from './core/machine-facts.js';
export type {
  Engine,
  EngineDescription,
  EngineSession,
  EngineTensor,
  EngineValueInfo,
  Optimisation,
  SessionOptions,
  TensorData,
  TensorType,
} from './engine.js';
export { OPTIMISATIONS } from './engine.js';
export { NATIVE_PROBE_MS } from './limits.js';
export { identifyNumerics, instructionSet, type NumericIdentity } from './numeric-class.js';
export { tieToParent } from './parent-tie.js';
export { probeMachine } from './probe/machine.js';
export { createEngine, type Device, ENGINES, type EngineOptions } from './select.js';
export type { TfjsBackend } from './tfjs/library.js';
export {
  bindingPath,
  buildFolder,
  enginesFolder,
  type NativeBuild,
  NODE_API_VERSION,
  nativePackage,
  TENSORFLOW_VERSION,
  TFJS_VERSION,
} from './tfjs/native-builds.js';
export { type NativeProbe, probeNative } from './tfjs/probe.js';
export { TRIED_APART, type TriedApart, tryEngines, tryHere } from './trials.js';
