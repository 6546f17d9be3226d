/** The layers and losses in plain float64, written apart from the graphs, for tests to compare with. */
import type { LayerSpec, LossName } from '@lockstep/spec';

/** Everything that one batch of a model is computed from; tensors are row-major. */
export interface ReferenceBatch {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly masks: Readonly<Record<string, readonly number[]>>;
  readonly features: readonly (readonly number[])[];
  readonly target: readonly number[];
}

function softmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function activate(name: string, row: readonly number[]): number[] {
  switch (name) {
    case 'relu':
      return row.map((value) => Math.max(0, value));
    case 'sigmoid':
      return row.map((value) => 1 / (1 + Math.exp(-value)));
    case 'tanh':
      return row.map(Math.tanh);
    case 'softmax':
      return softmax(row);
    default:
      return [...row];
  }
}

/** Outputs of the last layer, its activation applied. */
export function referenceOutputs({ layers, parameters, masks, features }: ReferenceBatch): number[][] {
  let rows = features.map((row) => [...row]);
  layers.forEach((layer, index) => {
    if (layer.type === 'dropout') {
      const mask = masks[`mask/${index}`];
      if (mask) rows = rows.map((row, at) => row.map((value, column) => value * mask[at * row.length + column]!));
      return;
    }
    if (layer.type !== 'dense') {
      rows = rows.map((row) => activate(layer.type, row));
      return;
    }
    const kernel = parameters[`${index}_dense/kernel`]!;
    const bias = parameters[`${index}_dense/bias`];
    rows = rows.map((row) => {
      const sums = Array.from({ length: layer.units }, (_, unit) =>
        row.reduce((sum, value, input) => sum + value * kernel[input * layer.units + unit]!, bias?.[unit] ?? 0),
      );
      return activate(layer.activation, sums);
    });
  });
  return rows;
}

/** Loss of each row by its definition on probabilities. */
export function referenceRowLosses(batch: ReferenceBatch): number[] {
  return referenceOutputs(batch).map((row, index) => {
    const target = batch.target[index]!;
    switch (batch.loss) {
      case 'mse':
        return (row[0]! - target) ** 2;
      case 'binaryCrossEntropy':
        return -(target * Math.log(row[0]!) + (1 - target) * Math.log(1 - row[0]!));
      default:
        return -Math.log(row[target]!);
    }
  });
}

/** Gradient of sum(weight * row loss) by one tensor, by central differences. */
export function referenceGradient(batch: ReferenceBatch, weight: readonly number[], tensor: string): number[] {
  const objective = (values: readonly number[]): number =>
    referenceRowLosses({ ...batch, parameters: { ...batch.parameters, [tensor]: values } }).reduce(
      (sum, loss, row) => sum + weight[row]! * loss,
      0,
    );
  const values = batch.parameters[tensor]!;
  const step = 1e-5;
  return values.map((value, index) => {
    const up = objective(values.with(index, value + step));
    const down = objective(values.with(index, value - step));
    return (up - down) / (2 * step);
  });
}
