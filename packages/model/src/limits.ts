/** Bounds of the model package, each with its reason. */

/** Bytes of a model file at most: protobuf refuses longer messages. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/** Nodes of a model file at most: a thousand layers make a few thousand. */
export const MAX_NODES = 100_000;

/** Elements of one tensor of a model file at most: more cannot fit in {@link MAX_MODEL_BYTES}. */
export const MAX_ELEMENTS = 2 ** 31 - 1;

/** Dimensions of one tensor at most: the layers and the preprocessing make three. */
export const MAX_RANK = 16;

/** Parameters of a model at most: as float32 they must fit in {@link MAX_MODEL_BYTES} beside the rest of the graph. */
export const MAX_PARAMETERS = 500_000_000;

/** Elements that are initialised at once: some tenths of a second, so that a process answers in between. */
export const PIECE_ELEMENTS = 2 ** 17;
