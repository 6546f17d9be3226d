/** OrtValues from tensors and tensors from OrtValues. Numeric data is shared, never copied, on the way in. */
import koffi from 'koffi';
import type { EngineTensor, TensorData } from '../../engine.js';
import { MAX_RANK } from '../../limits.js';
import { addressedMemory, addressOf } from '../../tensors/addressed-memory.js';
import { copyAligned } from '../../tensors/aligned-memory.js';
import { runError } from '../../tensors/check-tensors.js';
import {
  ELEMENT_BYTES,
  ELEMENT_TYPE,
  elementCount,
  type NumericData,
  tensorTypeOf,
  typedArrayOver,
} from '../../tensors/element-types.js';
import { type Native, NativeWords } from './native.js';
import { createStringValue, readStrings } from './strings.js';

/** What values are made with; all live as long as the engine. */
export interface ValueContext {
  readonly native: Native;
  readonly memoryInfo: bigint;
  readonly allocator: bigint;
}

/** An OrtValue of one run and the memory that it points into. */
export interface OwnedValue {
  readonly value: bigint;
  readonly keep: TensorData;
}

const emptyData = new NativeWords(8);

/** A value over `data`, which starts on the 64-byte boundary and must outlive the value. */
export function createNumericValue(
  { native, memoryInfo }: ValueContext,
  name: string,
  { type, shape }: EngineTensor,
  data: NumericData,
): bigint {
  const address = data.byteLength === 0 ? emptyData.address : addressOf(data);
  return native.withWords(shape.map(BigInt), (words) =>
    native.result(
      (out) =>
        native.library.api.createTensorWithDataAsOrtValue(
          memoryInfo,
          address,
          data.byteLength,
          words,
          shape.length,
          ELEMENT_TYPE[type],
          out,
        ),
      (message) => runError(message, name),
    ),
  );
}

/** A value over a copy: of text, or of numbers that lie off the 64-byte boundary. The caller frees it after the run. */
export function createCopiedValue(context: ValueContext, name: string, tensor: EngineTensor): OwnedValue {
  if (tensor.type === 'string') return { value: createStringValue(context, name, tensor), keep: [] };
  const copy = copyAligned(addressedMemory, tensor.type, tensor.data as NumericData);
  return { value: createNumericValue(context, name, tensor, copy), keep: copy };
}

/** A copy of a value that the engine allocated. */
export function fromNativeValue({ native }: ValueContext, name: string, value: bigint): EngineTensor {
  const { api } = native.library;
  const fail = (message: string) => runError(message, name);
  const info = native.result((out) => api.getTensorTypeAndShape(value, out), fail);
  try {
    const elementType = Number(native.result((out) => api.getTensorElementType(info, out), fail) & 0xffffffffn);
    const type = tensorTypeOf(elementType);
    if (!type) throw runError(`${name} has element type ${elementType}, which is not read.`, name);
    const shape = readShape(native, info, fail);
    const count = elementCount(shape);
    if (type === 'string') return { type, shape, data: readStrings(native, name, value, count) };
    const data = typedArrayOver(type, new ArrayBuffer(count * ELEMENT_BYTES[type]), 0, count);
    if (count > 0) {
      const source = native.result((out) => api.getTensorMutableData(value, out), fail);
      const bytes = new Uint8Array(koffi.view(source, count * ELEMENT_BYTES[type]) as ArrayBuffer);
      new Uint8Array(data.buffer).set(bytes);
    }
    return { type, shape, data };
  } finally {
    api.releaseTensorTypeAndShapeInfo(info);
  }
}

/** Dimensions of a type-and-shape description; -1 marks one known only at run time. */
export function readShape(native: Native, info: bigint, fail: (message: string) => Error): number[] {
  const { api } = native.library;
  const rank = Number(native.result((out) => api.getDimensionsCount(info, out), fail));
  if (rank > MAX_RANK) throw fail(`${rank} dimensions are more than the ${MAX_RANK} that are read.`);
  return native.withWords(new Array<bigint>(rank).fill(0n), (address, words) => {
    native.check(api.getDimensions(info, address, rank), fail);
    return Array.from({ length: rank }, (_, axis) => Number(BigInt.asIntN(64, words[axis] as bigint)));
  });
}
