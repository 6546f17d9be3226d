/** The engine port and its adapters, and what a machine has for them. */
export { type DeviceReport, type DeviceRow, type EngineRow, judgeDevices, type ProviderRow } from './core/devices.js';
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
export { identifyNumerics, instructionSet, type NumericIdentity } from './numeric-class.js';
export { probeMachine } from './probe/machine.js';
export { createEngine, type Device, ENGINES, type EngineOptions } from './select.js';
export type { TfjsBackend } from './tfjs/library.js';
export { tryEngines, tryProvider } from './trials.js';
