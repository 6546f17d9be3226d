/** The engine port and its adapters. */
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
export { createEngine, type Device, ENGINES, type EngineOptions } from './select.js';
export type { TfjsBackend } from './tfjs/library.js';
