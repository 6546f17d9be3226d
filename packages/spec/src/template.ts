/** The commented job.yaml that `lockstep init` writes. */
import type { Task } from './schema.js';

/** What is known of the data. */
export interface TemplateOptions {
  readonly name: string;
  /** Path of the data as it goes into the spec. */
  readonly path: string;
  readonly label: string;
  /** Further keys of `data`: how the table is read. @default none */
  readonly reading?: Readonly<Record<string, string>>;
  readonly task: Task;
  /** Classes of a multiclass task. */
  readonly classCount: number;
  readonly rowCount: number;
  readonly numberColumns: readonly string[];
  readonly textColumns: readonly string[];
  /** Columns to leave out, with the reason. */
  readonly ignored: readonly { readonly name: string; readonly why: string }[];
}

/** A text as YAML that means the same in a block and between brackets. */
function text(value: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(value) && !/^(true|false|null)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** A text for the rest of a comment line, in which YAML allows no control characters. */
const remark = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  value.replace(/[\s\u0085\u2028\u2029]+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f\ufeff\ufffe\uffff]/g, '\ufffd');

/** The text of a job.yaml that trains at once. */
export function jobTemplate(options: TemplateOptions): string {
  const { ignored, task, classCount } = options;
  const output = {
    binary: '  - dense: { units: 1, activation: sigmoid }   # probability of the second class',
    multiclass: `  - dense: { units: ${classCount}, activation: softmax }   # one per class`,
    regression: '  - dense: { units: 1 }',
  }[task];
  const loss = { binary: 'binaryCrossEntropy', multiclass: 'sparseCategoricalCrossEntropy', regression: 'mse' }[task];
  const ignore =
    ignored.length > 0
      ? `  ignore: [${ignored.map(({ name }) => text(name)).join(', ')}]   # ${ignored.map(({ name, why }) => remark(`${name}: ${why}`)).join('; ')}\n`
      : '';
  const reading = Object.entries(options.reading ?? {})
    .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
    .join('');
  return `# ${options.rowCount} rows; ${options.numberColumns.length} numeric and ${options.textColumns.length} text columns; task: ${task}.
# Every key: lockstep explain   One key: lockstep explain train.optimizer
apiVersion: lockstep/v1
name: ${text(options.name)}
data:
  path: ${text(options.path)}
  label: ${text(options.label)}
${reading}${ignore}split: { test: 0.2, validation: 0.1, seed: 42 }   # ${task === 'regression' ? 'at random' : 'keeps the proportions of the classes'}
preprocess:
  missing: mean          # empty numeric cells; also: median, mode, constant, drop
  scale: standard        # also: minMax, none
  encode: oneHot         # text columns; also: ordinal
model:
  - dense: { units: 64, activation: relu }
  - dense: { units: 64, activation: relu }
${output}
train:
  loss: ${loss}
  optimizer: adam        # also: sgd, adamw, rmsprop
  epochs: 10
  batchSize: 32
  seed: 42
run: { workers: 2 }      # never changes the result
`;
}
