/** Small ONNX models that the engine contract runs. */
import { attribute, encodeModel, GraphBuilder, initializeParameters, type ModelPlan, planModel } from '@lockstep/model';

/** One output per element type, each computed from an input of its own. */
export function typesModel(): Uint8Array {
  const builder = new GraphBuilder('types');
  const single = builder.input('single', 'float32', ['N', 2]);
  const double = builder.input('double', 'float64', ['N']);
  const long = builder.input('long', 'int64', ['N']);
  const int = builder.input('int', 'int32', ['N']);
  const byte = builder.input('byte', 'uint8', ['N']);
  const flag = builder.input('flag', 'bool', ['N']);
  const text = builder.input('text', 'string', ['N', 1]);
  builder.output('single_out', 'float32', ['N', 2], builder.node('Add', [single, single]));
  builder.output('double_out', 'float64', ['N'], builder.node('Mul', [double, double]));
  builder.output('long_out', 'int64', ['N'], builder.node('Add', [long, long]));
  builder.output('int_out', 'int32', ['N'], builder.node('Add', [int, int]));
  builder.output('byte_out', 'uint8', ['N'], byte);
  builder.output('flag_out', 'bool', ['N'], builder.node('Not', [flag]));
  builder.output('text_out', 'string', ['N', 1], text);
  return encodeModel(builder.build());
}

/** `y` = x W + b over 16 features and 16 outputs, with the parameters as inputs. */
export function affineModel(): Uint8Array {
  const builder = new GraphBuilder('affine');
  const x = builder.input('x', 'float32', ['N', 16]);
  const kernel = builder.input('kernel', 'float32', [16, 16]);
  const bias = builder.input('bias', 'float32', [16]);
  builder.output('y', 'float32', ['N', 16], builder.node('Add', [builder.node('MatMul', [x, kernel]), bias]));
  return encodeModel(builder.build());
}

/** `sum` of every row, a kernel whose bits depend on where its data starts. */
export function rowSumModel(width: number): Uint8Array {
  const builder = new GraphBuilder('row_sum');
  const x = builder.input('x', 'float32', ['N', width]);
  const sum = builder.node('ReduceSum', [x, builder.int64s([1])], { keepdims: attribute.int(0) });
  builder.output('sum', 'float32', ['N'], sum);
  return encodeModel(builder.build());
}

/** A chain of products that takes tens of milliseconds. */
export function slowModel(size: number): Uint8Array {
  const builder = new GraphBuilder('slow');
  const x = builder.input('x', 'float32', [size, size]);
  let value = x;
  for (let count = 0; count < 4; count += 1) value = builder.node('Tanh', [builder.node('MatMul', [value, x])]);
  builder.output('y', 'float32', [size, size], value);
  return encodeModel(builder.build());
}

/** Models of opset 17 that the port does not carry, by what is wrong with their output y. */
export const FOREIGN_MODELS = {
  /** y = Cast(x) to float16. */
  'element type':
    'CAgSADpAChcKAXgSAXkiBENhc3QqCQoCdG8YCqABAhIBZ1oQCgF4EgsKCQgBEgUKAxIBTmIQCgF5EgsKCQgKEgUKAxIBTkIECgAQEQ==',
  /** y = SequenceConstruct(x). */
  'no tensor': 'CAgSADo/ChkKAXgSAXkiEVNlcXVlbmNlQ29uc3RydWN0EgFnWhAKAXgSCwoJCAESBQoDEgFOYg0KAXkSCCIGCgQKAggBQgQKABAR',
  /** y = Identity(x) with nine dimensions. */
  dimensions:
    'CAgSADp3ChAKAXgSAXkiCElkZW50aXR5EgFnWi8KAXgSKgooCAESJAoCCAEKAggBCgIIAQoCCAEKAggBCgIIAQoCCAEKAggBCgIIAWIvCgF5EioKKAgBEiQKAggBCgIIAQoCCAEKAggBCgIIAQoCCAEKAggBCgIIAQoCCAFCBAoAEBE=',
} as const;

/** A training graph with dense layers, its plan and its first parameters. */
export function trainingModel(): { model: Uint8Array; plan: ModelPlan; parameters: Float32Array } {
  const dense = (units: number, activation: 'relu' | 'softmax') => ({
    ...{ type: 'dense' as const, units, activation, useBias: true },
    ...{ kernelInitializer: 'glorotUniform' as const, biasInitializer: 'zeros' as const },
  });
  const layers = [dense(33, 'relu'), dense(17, 'relu'), dense(5, 'softmax')];
  const plan = planModel({ layers, loss: 'categoricalCrossEntropy', featureWidth: 13, outputWidth: 5 });
  return { model: encodeModel(plan.trainingGraph), plan, parameters: initializeParameters(plan, 42) };
}
