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
