/** The engine port and its adapters. */
export type {
  Engine,
  EngineDescription,
  EngineSession,
  EngineTensor,
  EngineValueInfo,
  SessionOptions,
  TensorData,
  TensorType,
} from './engine.js';
export { instructionSet } from './numeric-class.js';
export { createEngine, type Device, type EngineOptions } from './select.js';
