/** The job spec: one zod schema from which types, JSON Schema, documentation and `lockstep explain` follow. */
import { z } from 'zod';
import { data, split } from './data-schema.js';
import { type GradientsSpec, gradients } from './gradients-schema.js';
import { MAX_BATCH_ROWS, MAX_LANES } from './limits.js';
import { type ColumnSpec, type PreprocessSpec, preprocess } from './preprocess-schema.js';
import { run } from './run-schema.js';

const finite = z.number().finite();
const positive = finite.positive();
const fraction = finite.min(0).lt(1);
const seed = z.int().min(0).max(0xffff_ffff);
const name = z
  .string()
  .min(1)
  .max(200)
  .describe('Name of the job. Shown in lists, metrics and the model; any text up to 200 characters.');

const initializer = z.enum(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'zeros', 'ones']);
const regularizer = z
  .strictObject({
    l1: finite.min(0).default(0).describe('Weight of the sum of absolute values in the loss.'),
    l2: finite.min(0).default(0).describe('Weight of the sum of squares in the loss.'),
  })
  .describe('Penalty on a tensor, added to the loss as in Keras.');
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh', 'softmax']);

const dense = z
  .strictObject({
    units: z.int().min(1).max(1_000_000).describe('Width of the output.'),
    activation: activation.default('linear').describe('Function applied to the output.'),
    useBias: z.boolean().default(true).describe('Whether a bias is added.'),
    kernelInitializer: initializer.default('glorotUniform').describe('How the kernel starts.'),
    biasInitializer: initializer.default('zeros').describe('How the bias starts.'),
    kernelRegularizer: regularizer.optional(),
    biasRegularizer: regularizer.optional(),
  })
  .describe('Fully connected layer: output = activation(input x kernel + bias).');
const activationLayer = z.strictObject({}).nullable().describe('The function as a layer of its own.');
const dropout = z
  .strictObject({ rate: fraction.describe('Fraction of the inputs set to 0 while training.') })
  .describe('Dropout; does nothing outside training.');

/** Schema of each layer by its key in the spec. */
export const layerSchemas = {
  dense,
  dropout,
  relu: activationLayer,
  sigmoid: activationLayer,
  tanh: activationLayer,
  softmax: activationLayer,
} as const;

const layer = z.union([
  z.strictObject({ dense }),
  z.strictObject({ dropout }),
  z.strictObject({ relu: activationLayer }),
  z.strictObject({ sigmoid: activationLayer }),
  z.strictObject({ tanh: activationLayer }),
  z.strictObject({ softmax: activationLayer }),
]);

const model = z.array(layer).min(1).max(1000).describe('Layers from input to output.');

const learningRate = positive.describe('Step size.');
const epsilon = positive.default(1e-7).describe('Added to a denominator.');
const weightDecay = finite.min(0);

/** Schema of each optimizer by its name; defaults are those of Keras 3. */
export const optimizerSchemas = {
  sgd: z
    .strictObject({
      type: z.literal('sgd'),
      learningRate: learningRate.default(0.01),
      momentum: finite.min(0).max(1).default(0).describe('Share of the last update that is kept.'),
      nesterov: z.boolean().default(false).describe('Look ahead along the momentum.'),
    })
    .describe('Gradient descent, with momentum where asked for.'),
  adam: z
    .strictObject({
      type: z.literal('adam'),
      learningRate: learningRate.default(0.001),
      beta1: finite.min(0).lt(1).default(0.9).describe('Decay of the mean of the gradient.'),
      beta2: finite.min(0).lt(1).default(0.999).describe('Decay of the mean of its square.'),
      epsilon,
    })
    .describe('Adam: steps scaled by running means of the gradient and its square.'),
  adamw: z
    .strictObject({
      type: z.literal('adamw'),
      learningRate: learningRate.default(0.001),
      weightDecay: weightDecay.default(0.004).describe('Decoupled decay per step, times the learning rate.'),
      beta1: finite.min(0).lt(1).default(0.9).describe('Decay of the mean of the gradient.'),
      beta2: finite.min(0).lt(1).default(0.999).describe('Decay of the mean of its square.'),
      epsilon,
    })
    .describe('Adam with decoupled weight decay.'),
  rmsprop: z
    .strictObject({
      type: z.literal('rmsprop'),
      learningRate: learningRate.default(0.001),
      rho: finite.min(0).lt(1).default(0.9).describe('Decay of the mean of the squared gradient.'),
      momentum: finite.min(0).max(1).default(0).describe('Share of the last update that is kept.'),
      centered: z.boolean().default(false).describe('Subtract the squared mean of the gradient.'),
      epsilon,
    })
    .describe('RMSprop: steps scaled by a running mean of the squared gradient.'),
} as const;

const optimizer = z.discriminatedUnion('type', [
  optimizerSchemas.sgd,
  optimizerSchemas.adam,
  optimizerSchemas.adamw,
  optimizerSchemas.rmsprop,
]);
const optimizerName = z.enum(['sgd', 'adam', 'adamw', 'rmsprop']);

const warmupSteps = z
  .int()
  .min(0)
  .default(0)
  .describe('Steps over which the learning rate grows linearly from 0 before the schedule starts.');

/** Schema of each learning-rate schedule by its name. */
export const scheduleSchemas = {
  constant: z.strictObject({ type: z.literal('constant'), warmupSteps }).describe('The same rate throughout.'),
  step: z
    .strictObject({
      type: z.literal('step'),
      everySteps: z.int().min(1).describe('Steps between two drops.'),
      factor: positive.describe('What the learning rate is multiplied by at each drop.'),
      warmupSteps,
    })
    .describe('The rate drops by a factor every so many steps.'),
  exponential: z
    .strictObject({
      type: z.literal('exponential'),
      decaySteps: z.int().min(1).describe('Steps over which the learning rate falls by `decayRate`.'),
      decayRate: positive.describe('The factor reached after `decaySteps`.'),
      warmupSteps,
    })
    .describe('The rate falls smoothly by a factor.'),
  cosine: z
    .strictObject({
      type: z.literal('cosine'),
      decaySteps: z.int().min(1).optional().describe('Steps to the lowest rate. Default: all steps after warm-up.'),
      alpha: finite.min(0).max(1).default(0).describe('Lowest rate as a fraction of the first.'),
      warmupSteps,
    })
    .describe('The rate falls along half a cosine.'),
} as const;

const schedule = z.discriminatedUnion('type', [
  scheduleSchemas.constant,
  scheduleSchemas.step,
  scheduleSchemas.exponential,
  scheduleSchemas.cosine,
]);

const loss = z.enum(['mse', 'binaryCrossEntropy', 'categoricalCrossEntropy', 'sparseCategoricalCrossEntropy']);

/** Metrics that early stopping can watch, each as it stands in history.csv in snake case. */
const monitor = z.enum(['validationLoss', 'validationAccuracy', 'validationMae', 'loss', 'accuracy', 'mae']);

const earlyStopping = z
  .strictObject({
    monitor: monitor.default('validationLoss').describe('Metric that is watched at the end of each epoch.'),
    mode: z
      .enum(['auto', 'min', 'max'])
      .default('auto')
      .describe('Whether lower or higher is better. `auto`: higher for accuracy, lower for the others.'),
    minDelta: finite.min(0).default(0).describe('A change has to be larger than this to be an improvement.'),
    patience: z.int().min(0).max(1_000_000).default(0).describe('Epochs without improvement after which it stops.'),
    restoreBestWeights: z
      .boolean()
      .default(false)
      .describe('End with the parameters of the best epoch instead of the last, also where all epochs were run.'),
    startFromEpoch: z.int().min(0).max(1_000_000).default(0).describe('Epochs at the start that are not watched.'),
  })
  .describe('Ends training once a metric gets no better: the rules of EarlyStopping in Keras 3 (docs/course.md).');

const train = z
  .strictObject({
    loss: loss.describe('What is minimised, as the mean over the global batch.'),
    optimizer: z
      .union([optimizerName, optimizer])
      .default('adam')
      .describe('Optimizer: a name with its defaults, or `{type: adam, learningRate: 0.001}`.'),
    schedule: schedule.default({ type: 'constant', warmupSteps: 0 }).describe('How the learning rate changes.'),
    epochs: z.int().min(1).max(1_000_000).default(10).describe('How often every training row is used.'),
    batchSize: z
      .union([z.int().min(1).max(MAX_BATCH_ROWS), z.literal('full')])
      .default(32)
      .describe('Rows in a global batch, however many workers there are. `full` takes all training rows.'),
    accumulate: z
      .int()
      .min(1)
      .max(4096)
      .default(1)
      .describe(
        'Batches that are added up for one step. k stands for k times `batchSize` and k times `lanes`, to the same bits and with the memory of one lane at a time; the resolved spec says these.',
      ),
    clip: z
      .strictObject({
        value: positive.optional().describe('Cuts each gradient element to [-value, value].'),
        globalNorm: positive.optional().describe('Scales the whole gradient down to this norm.'),
      })
      .default({})
      .describe('Gradient clipping.'),
    classWeights: z
      .union([z.literal('balanced'), z.record(z.string(), finite.min(0))])
      .optional()
      .describe(
        'What the losses of training rows are multiplied by, by class: `{yes: 5}`, others 1; or `balanced`: rows / (classes * rows of the class).',
      ),
    earlyStopping: earlyStopping.optional(),
    onNonFinite: z
      .enum(['stop', 'skip', 'rewind'])
      .default('stop')
      .describe(
        'What a loss or gradient that is not finite does: `stop` fails the job, `skip` leaves the update of the step out, `rewind` computes again from the newest checkpoint and leaves the update out where the step is bad again.',
      ),
    seed: seed.default(42).describe('Seed of initial weights, shuffling and dropout.'),
    lanes: z
      .int()
      .min(1)
      .max(MAX_LANES)
      .optional()
      .describe(
        'Parts a global batch is cut into, at most one worker each. Default: 4, at most the batch size. Part of the result.',
      ),
    threadsPerLane: z.int().min(1).max(256).default(1).describe('Threads of the engine in one lane.'),
    engine: z
      .enum(['onnxruntime', 'tfjs'])
      .default('onnxruntime')
      .describe(
        'What computes the gradients. `tfjs` is TensorFlow.js with its own autodiff: slower, and to be installed beside lockstep (docs/engines.md).',
      ),
    precision: z.enum(['float32']).default('float32').describe('Number type of parameters and of all arithmetic.'),
    gradients,
    numerics: z
      .enum(['strict', 'relaxed'])
      .default('strict')
      .describe('`strict` promises the same bits everywhere; `relaxed` also takes devices that cannot.'),
  })
  .describe('How the model is trained. Everything here is part of the result.');

/** Schema of a whole job spec. */
export const jobSpecSchema = z.strictObject({
  apiVersion: z.literal('lockstep/v1').default('lockstep/v1').describe('Version of this format.'),
  name: name.default('job'),
  data,
  split: split.prefault({}),
  preprocess: preprocess.prefault({}),
  model,
  train,
  run: run.prefault({}),
});

/** A job spec as users write it. */
export type WrittenJobSpec = z.input<typeof jobSpecSchema>;
/** A job spec with every schema default filled in. */
export type ParsedJobSpec = z.output<typeof jobSpecSchema>;

/** Layer of the spec as a discriminated union: `{type: 'dense', units: 64, ...}`. */
export type LayerSpec =
  | ({ readonly type: 'dense' } & z.output<typeof dense>)
  | ({ readonly type: 'dropout' } & z.output<typeof dropout>)
  | { readonly type: 'relu' | 'sigmoid' | 'tanh' | 'softmax' };

export type DataSpec = z.output<typeof data>;
export type SplitSpec = Omit<z.output<typeof split>, 'stratify'> & { readonly stratify: boolean };
export type { ColumnSpec, PreprocessSpec };
export type InitializerName = z.output<typeof initializer>;
export type ActivationName = z.output<typeof activation>;
export type RegularizerSpec = z.output<typeof regularizer>;
export type LossName = z.output<typeof loss>;
export type OptimizerSpec = z.output<typeof optimizer>;
export type EarlyStoppingSpec = z.output<typeof earlyStopping>;
export type ScheduleSpec = z.output<typeof schedule>;
export type RunSpec = z.output<typeof run>;
export type TrainSpec = Omit<z.output<typeof train>, 'optimizer' | 'gradients' | 'lanes'> & {
  readonly gradients: GradientsSpec;
  readonly optimizer: OptimizerSpec;
  /** Filled in by resolution: 4, at most the batch size. */
  readonly lanes: number;
};
/** What the model predicts, decided by the loss. */
export type Task = 'binary' | 'multiclass' | 'regression';

/** A job spec with nothing left to decide. */
export interface ResolvedJobSpec {
  readonly apiVersion: 'lockstep/v1';
  readonly name: string;
  readonly data: DataSpec;
  readonly split: SplitSpec;
  readonly preprocess: PreprocessSpec;
  readonly model: readonly LayerSpec[];
  readonly train: TrainSpec;
  readonly run: RunSpec;
  readonly task: Task;
}
