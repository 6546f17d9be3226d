/** ONNX's numbers for element types, and the typed arrays that hold them. */
import type { TensorData, TensorType } from '../engine.js';

/** Contents of a tensor that is not text. */
export type NumericData = Exclude<TensorData, readonly string[]>;

/** Number of each element type in ONNX and in ONNX Runtime's C API. */
export const ELEMENT_TYPE: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
};

/** Bytes of one element; 0 for strings. */
export const ELEMENT_BYTES: Readonly<Record<TensorType, number>> = {
  float32: 4,
  uint8: 1,
  int32: 4,
  int64: 8,
  string: 0,
  bool: 1,
  float64: 8,
};

/** Element type of a number, or undefined where it is not supported. */
export function tensorTypeOf(elementType: number): TensorType | undefined {
  return (Object.keys(ELEMENT_TYPE) as TensorType[]).find((type) => ELEMENT_TYPE[type] === elementType);
}

/** A typed array of a numeric element type over part of a buffer; `count` in elements. */
export function typedArrayOver(
  type: Exclude<TensorType, 'string'>,
  buffer: ArrayBufferLike,
  byteOffset: number,
  count: number,
): NumericData {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, count);
  }
}

/** Elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether data is of the kind that an element type asks for. */
export function holdsType(data: TensorData, type: TensorType): boolean {
  switch (type) {
    case 'float32':
      return data instanceof Float32Array;
    case 'float64':
      return data instanceof Float64Array;
    case 'int64':
      return data instanceof BigInt64Array;
    case 'int32':
      return data instanceof Int32Array;
    case 'uint8':
    case 'bool':
      return data instanceof Uint8Array;
    case 'string':
      return Array.isArray(data);
  }
}
