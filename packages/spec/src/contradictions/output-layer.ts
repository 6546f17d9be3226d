/** The last layer has to fit the loss. */
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks width and activation of the output. */
export function checkOutputLayer({ model, train, task }: ResolvedJobSpec, add: Add): void {
  const at = model.length - 1;
  const last = model[at]!;
  const path = ['model', at];
  if (last.type === 'dropout') {
    add(path, 'dropout', 'The last layer is dropout', 'End with a dense layer.');
    return;
  }
  const denseAt = model.findLastIndex((layer) => layer.type === 'dense');
  const dense = model[denseAt];
  if (dense?.type !== 'dense') {
    add(['model'], 'no dense layer', 'The model has no dense layer', 'Add one, for example "- dense: {units: 1}".');
    return;
  }
  const activation = last.type === 'dense' ? last.activation : last.type;
  const densePath = ['model', denseAt, 'dense', 'units'];
  const wanted = {
    binary: ['sigmoid', 'linear'],
    multiclass: ['softmax', 'linear'],
    regression: ['linear', 'relu', 'sigmoid', 'tanh'],
  }[task];
  if (task !== 'multiclass' && dense.units !== 1) {
    add(
      densePath,
      dense.units,
      `${train.loss} needs one output, the last dense layer has ${dense.units}`,
      'Set units: 1.',
    );
  }
  if (task === 'multiclass' && dense.units < 2) {
    add(
      densePath,
      dense.units,
      `${train.loss} needs one output per class, the last dense layer has 1`,
      'Set units to the number of classes, or use loss: binaryCrossEntropy with activation: sigmoid.',
    );
  }
  if (!wanted.includes(activation)) {
    const where = last.type === 'dense' ? [...path, 'dense', 'activation'] : path;
    add(
      where,
      activation,
      `${train.loss} does not go with a last activation of ${activation}`,
      `Set activation: ${wanted[0]}.`,
    );
  }
}
