/** What training fixed about a model: the columns it takes, how their cells are read, and what it answers. */
import { type ColumnPlan, featureNames, inputType, typeName } from '@lockstep/data';
import type { ModelFile } from './model-file.js';

/** A model as `describe --json` prints it. */
export interface ModelDescription {
  readonly model: string;
  readonly bytes: number;
  readonly task: string;
  readonly loss: string;
  readonly label: {
    readonly name: string;
    /** In the order of the probabilities; empty for a regression. */
    readonly classes: readonly string[];
    /** The positive one of two classes; null where there are not two. */
    readonly positive: string | null;
  } & ModelFile['plan']['labels'];
  readonly nulls: readonly string[];
  readonly numbers: ModelFile['plan']['numbers'];
  /** In the order of the training data; later tables are matched by name. */
  readonly columns: readonly DescribedColumn[];
  readonly featureCount: number;
  readonly parametersSha256: string;
  readonly numericClass: string;
}

/** A raw column: its plan, its type as users name it, and what model.onnx takes. */
export interface DescribedColumn {
  readonly name: string;
  readonly plan: ColumnPlan;
  readonly type: string;
  readonly input: 'float64' | 'string';
}

/** Describes a model that lies at `path`. */
export function modelDescription(path: string, file: ModelFile): ModelDescription {
  const { plan, task, labels } = file;
  return {
    model: path,
    bytes: file.bytes.length,
    task,
    loss: file.loss,
    label: {
      name: plan.label,
      classes: labels,
      positive: task === 'binary' ? (labels[1] ?? null) : null,
      ...plan.labels,
    },
    nulls: plan.nulls,
    numbers: plan.numbers,
    columns: plan.columns.map((column) => ({
      ...{ name: column.name, type: typeName(column), input: inputType(column), plan: column },
    })),
    featureCount: featureNames(plan).length,
    parametersSha256: file.parametersSha256,
    numericClass: file.numericClass,
  };
}
