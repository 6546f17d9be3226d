/**
 * Writes packages/engine/src/golden-lane.onnx.ts, the training graph that every worker computes before it joins.
 * Kept as it was first written: another graph is another numeric class, which older checkpoints would refuse.
 */
import { writeFileSync } from 'node:fs';
import { encodeModel, planModel } from '@lockstep/model';

const FEATURES = 130;
const CLASSES = 5;
const LINE = 118;

const dense = (units, activation) => ({
  ...{ type: 'dense', units, activation, useBias: true },
  ...{ kernelInitializer: 'glorotUniform', biasInitializer: 'zeros' },
});
const plan = planModel({
  layers: [dense(48, 'relu'), dense(24, 'tanh'), dense(9, 'sigmoid'), dense(CLASSES, 'softmax')],
  loss: 'sparseCategoricalCrossEntropy',
  featureWidth: FEATURES,
  outputWidth: CLASSES,
});
const text = Buffer.from(encodeModel(plan.trainingGraph)).toString('base64');
const lines = text.match(new RegExp(`.{1,${LINE - 6}}`, 'g')).map((line) => `  '${line}'`);
writeFileSync(
  new URL('../packages/engine/src/golden-lane.onnx.ts', import.meta.url),
  `/** The golden lane's training graph (ONNX, base64): written once by scripts/golden-lane.mjs. */\nexport const GOLDEN_LANE_MODEL: string = [\n${lines.join(',\n')},\n].join('');\n`,
);
