/** The pure part of the protocol: no sockets, clocks, files or randomness of the machine. */
export { CATALOGUE, type CatalogueEntry, type ErrorCode } from '../errors/catalogue.js';
export { type ErrorContext, type ErrorProblem, LockstepError, type ToldFailure } from '../errors/lockstep-error.js';
export { isDiskFull, writeError } from '../errors/write-error.js';
export { EVENT_FILE_NAME, eventFileName } from './event-file-name.js';
export { addFloat32, addInPieces, roundOperand } from './gradients/addition.js';
export {
  type Encode,
  formatOfNode,
  GRADIENT_FORMATS,
  type GradientFormat,
  gradientFormat,
} from './gradients/format.js';
export { frameRanges, MAX_FRAME_BYTES } from './gradients/frame.js';
export type { LaneCodec, LaneDecoder, LaneVectors } from './gradients/lane-codec.js';
export { laneCodec } from './gradients/lane-codecs.js';
export {
  add,
  constant,
  cut,
  divide,
  type Formula,
  flush,
  multiply,
  root,
  scalar,
  signed,
  subtract,
  type Term,
  vector,
} from './kernels/formula.js';
export { createKernel, createPortableKernel, type Kernel } from './kernels/kernel.js';
export { cutLane, isEmptyLane, type RowRange } from './lanes/cut.js';
export {
  alignedRanges,
  type LaneRange,
  ReductionTree,
} from './lanes/reduction-tree.js';
export {
  batchRows,
  DEFAULT_WINDOW_ROWS,
  type EpochOrderOptions,
  epochOrder,
  SAMPLER_V1,
  stepsPerEpoch,
} from './lanes/sampling.js';
export { cos, exp, log, sin } from './math.js';
export { checkVectorMemory, type VectorMemory } from './memory.js';
export { type AssemblerOptions, type ChunkOutcome, ParameterAssembler } from './parameters/assembler.js';
export {
  type ChunkHeader,
  type Crc32,
  chunkRanges,
  type ElementRange,
  type VersionKey,
  versionDigest,
} from './parameters/chunk.js';
export {
  ALIGNMENT_ELEMENTS,
  canonicalParameterBytes,
  layoutParameters,
  type ParameterLayout,
  type TensorLayout,
  tensorView,
} from './parameters/layout.js';
export { atOnce, copyInPieces, inPieces, PIECE_ELEMENTS } from './pieces.js';
export { permutation, philox4x32, RandomPurpose, RandomStream } from './random.js';
export { decodeShard, encodeShard, ROWS_PER_SHARD, type Shard, type ShardColumn } from './shards/shard-format.js';
export { isTracingWanted, type TracingEnvironment } from './tracing-wanted.js';
