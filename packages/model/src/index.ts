/** Pure model core: graphs, layers, losses, gradients, export. */
export { type DifferentiationRequest, differentiate } from './autodiff/differentiate.js';
export type { MaskPlan } from './forward.js';
export { attribute } from './graph/attribute.js';
export { DEFAULT_OPSETS, GraphBuilder, type NodeOptions } from './graph/builder.js';
export type { Attribute, Dimension, ElementType, Graph, Node, Tensor, ValueInfo } from './graph/graph.js';
export { inferShapes } from './graph/shapes.js';
export { verifyGraph } from './graph/verify.js';
export { type DecodedModel, decodeModel } from './onnx/decode.js';
export { type EncodeOptions, encodeModel } from './onnx/encode.js';
export { openSeal, SEAL_KEY, type SealedModel, seal } from './onnx/seal.js';
export {
  BINARY_THRESHOLD,
  buildServingGraph,
  isOutputName,
  MODEL_FORMAT,
  type ServingOptions,
} from './serving-graph.js';
export {
  GRADIENT_PREFIX,
  type InitializerPlan,
  initializeInPieces,
  initializeParameters,
  type ModelOptions,
  type ModelPlan,
  planModel,
  type RegularizerPlan,
  ROW_LOSS,
  ROW_WEIGHT,
} from './training-graph.js';
