/** ONNX's numbers for element types. */
import type { ElementType } from '../graph/graph.js';
import { TensorProto_DataType } from './gen/onnx_pb.js';

/** Number of each element type in TensorProto. */
export const DATA_TYPES: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
  string: TensorProto_DataType.STRING,
};

/** The element type of a number, or undefined where it is not supported. */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return (Object.keys(DATA_TYPES) as ElementType[]).find((type) => DATA_TYPES[type] === dataType);
}

/** Bytes of one element in raw data; 0 for strings. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  float64: 8,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
  string: 0,
};
