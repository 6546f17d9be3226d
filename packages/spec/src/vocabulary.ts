/** Words that users bring along from other tools: synonyms of names here, and things that are not there yet. */

/** Other words for keys. */
export const KEY_SYNONYMS: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  eps: 'epsilon',
  decay: 'weightDecay',
  batch: 'batchSize',
  globalBatchSize: 'batchSize',
  file: 'path',
  csv: 'path',
  target: 'label',
  drop: 'ignore',
  exclude: 'ignore',
  dtypes: 'types',
  naValues: 'nulls',
  testSize: 'test',
  val: 'validation',
  validationSplit: 'validation',
  randomState: 'seed',
  layers: 'model',
  training: 'train',
  preprocessing: 'preprocess',
  imputation: 'missing',
  scaler: 'scale',
  replicas: 'workers',
  nodes: 'workers',
};

/** Other words for values, by the path of the key. */
export const VALUE_SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'train.loss': {
    meanSquaredError: 'mse',
    l2: 'mse',
    bce: 'binaryCrossEntropy',
    logLoss: 'binaryCrossEntropy',
    cce: 'categoricalCrossEntropy',
    crossEntropy: 'sparseCategoricalCrossEntropy',
    scce: 'sparseCategoricalCrossEntropy',
  },
  'data.types': {
    numeric: 'number',
    float: 'number',
    double: 'number',
    int: 'number',
    integer: 'number',
    string: 'text',
    str: 'text',
    category: 'text',
    categorical: 'text',
    object: 'text',
  },
  'preprocess.scale': { standardize: 'standard', zScore: 'standard', normalize: 'minMax' },
  'preprocess.encode': { oneHotEncoding: 'oneHot', label: 'ordinal', integer: 'ordinal' },
  'run.device': { gpu: 'cuda', nvidia: 'cuda' },
};

/** What is known but not there yet, by the path it stands at, with what works instead. */
export const NOT_YET: Readonly<Record<string, { readonly names: readonly string[]; readonly instead: string }>> = {
  model: {
    names: [
      'conv1d',
      'conv2d',
      'conv3d',
      'maxPooling2d',
      'averagePooling2d',
      'globalAveragePooling2d',
      'flatten',
      'reshape',
      'embedding',
      'lstm',
      'gru',
      'simpleRnn',
      'bidirectional',
      'batchNorm',
      'batchNormalization',
      'layerNorm',
      'layerNormalization',
      'attention',
      'multiHeadAttention',
      'gaussianNoise',
      'add',
      'concatenate',
    ],
    instead: 'These layers work: dense, dropout, relu, sigmoid, tanh, softmax.',
  },
  'model.dense.activation': {
    names: [
      'gelu',
      'elu',
      'selu',
      'leakyRelu',
      'prelu',
      'softplus',
      'softsign',
      'swish',
      'silu',
      'mish',
      'exponential',
    ],
    instead: 'Use linear, relu, sigmoid, tanh or softmax.',
  },
  'train.loss': {
    names: ['mae', 'meanAbsoluteError', 'huber', 'logCosh', 'hinge', 'poisson', 'klDivergence', 'focal', 'quantile'],
    instead: 'Use mse for numbers, binaryCrossEntropy for two classes, sparseCategoricalCrossEntropy for more.',
  },
  'train.optimizer': {
    names: ['nadam', 'adagrad', 'adadelta', 'adamax', 'ftrl', 'lion', 'lamb', 'lars', 'adafactor', 'lbfgs', 'muon'],
    instead: 'Use sgd, adam, adamw or rmsprop.',
  },
  'train.schedule': {
    names: ['polynomial', 'linear', 'oneCycle', 'inverseTime', 'cosineRestarts', 'reduceOnPlateau', 'piecewise'],
    instead: 'Use constant, step, exponential or cosine, each with warmupSteps.',
  },
  'train.engine': { names: ['tfjs', 'tensorflow', 'tensorflowjs', 'torch'], instead: 'Use onnxruntime.' },
  'train.precision': {
    names: ['float16', 'fp16', 'bfloat16', 'bf16', 'mixed', 'float64', 'tf32'],
    instead: 'Use float32.',
  },
  'run.link': {
    names: ['host', 'sharedMemory', 'shm'],
    instead: 'Use network, which auto is today; it works on one machine too.',
  },
  'run.device': { names: ['rocm', 'coreml', 'metal', 'mps', 'directml', 'tpu'], instead: 'Use cpu, cuda or webgpu.' },
  'data.format': {
    names: ['parquet', 'json', 'jsonl', 'ndjson', 'arrow', 'feather', 'xlsx', 'excel', 'avro', 'images', 'tfrecord'],
    instead: 'Convert the table to a CSV file in UTF-8.',
  },
};

/** Keys that are known but not there yet, with what works instead. */
export const NOT_YET_KEYS: Readonly<Record<string, string>> = {
  'train.earlyStopping': 'Choose train.epochs by the validation loss in history.csv.',
  'train.earlyStop': 'Choose train.epochs by the validation loss in history.csv.',
  'train.classWeights': 'split.stratify keeps the proportions of the classes.',
  'train.sampleWeight': 'Every row weighs the same.',
  'train.metrics': 'All metrics of the task are always computed.',
  'train.callbacks': 'Watch a running job with `lockstep watch`.',
  'train.checkpoint': 'Raise train.epochs and run again.',
  'data.weight': 'Every row weighs the same.',
  'data.images': 'Give one CSV file with one column per pixel.',
  'preprocess.text': 'Text columns are categories: see preprocess.encode.',
  'preprocess.outliers': 'Clean the file first; preprocess.scale: standard lessens their weight.',
  'run.gpus': 'Use run.workers and run.device.',
  tune: 'Run `lockstep train` with --set for each candidate.',
  serve: 'Use `lockstep predict`, or any ONNX runtime with model.onnx.',
  sweep: 'Run `lockstep train` with --set for each candidate.',
};
