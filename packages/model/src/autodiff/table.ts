/** Every gradient rule, keyed by operator and opset range. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from './gradient-rule.js';
import { absGradient } from './gradients/abs.js';
import { addGradient } from './gradients/add.js';
import { castGradient } from './gradients/cast.js';
import { clipGradient } from './gradients/clip.js';
import { concatGradient } from './gradients/concat.js';
import { divGradient } from './gradients/div.js';
import { expGradient } from './gradients/exp.js';
import { expandGradient } from './gradients/expand.js';
import { gatherGradient } from './gradients/gather.js';
import { gemmGradient } from './gradients/gemm.js';
import { identityGradient } from './gradients/identity.js';
import { logGradient } from './gradients/log.js';
import { logSoftmaxGradient } from './gradients/log-softmax.js';
import { matmulGradient } from './gradients/matmul.js';
import { mulGradient } from './gradients/mul.js';
import { negGradient } from './gradients/neg.js';
import { powGradient } from './gradients/pow.js';
import { reduceMeanGradient } from './gradients/reduce-mean.js';
import { reduceSumGradient } from './gradients/reduce-sum.js';
import { reluGradient } from './gradients/relu.js';
import { reshapeGradient } from './gradients/reshape.js';
import { sigmoidGradient } from './gradients/sigmoid.js';
import { sliceGradient } from './gradients/slice.js';
import { softmaxGradient } from './gradients/softmax.js';
import { softplusGradient } from './gradients/softplus.js';
import { sqrtGradient } from './gradients/sqrt.js';
import { squeezeGradient } from './gradients/squeeze.js';
import { subGradient } from './gradients/sub.js';
import { tanhGradient } from './gradients/tanh.js';
import { transposeGradient } from './gradients/transpose.js';
import { unsqueezeGradient } from './gradients/unsqueeze.js';
import { whereGradient } from './gradients/where.js';

/** Operators through which no gradient flows. ReduceMax serves as a constant shift of stable sums. */
const ZERO_OPERATORS = [
  'And',
  'ArgMax',
  'ConstantOfShape',
  'Equal',
  'Floor',
  'Greater',
  'GreaterOrEqual',
  'IsNaN',
  'Less',
  'LessOrEqual',
  'Not',
  'OneHot',
  'Or',
  'ReduceMax',
  'Shape',
  'Sign',
];

const RULES: readonly GradientRule[] = [
  absGradient,
  addGradient,
  castGradient,
  clipGradient,
  concatGradient,
  divGradient,
  expGradient,
  expandGradient,
  gatherGradient,
  gemmGradient,
  identityGradient,
  logGradient,
  logSoftmaxGradient,
  matmulGradient,
  mulGradient,
  negGradient,
  powGradient,
  reduceMeanGradient,
  reduceSumGradient,
  reluGradient,
  reshapeGradient,
  sigmoidGradient,
  sliceGradient,
  softmaxGradient,
  softplusGradient,
  sqrtGradient,
  squeezeGradient,
  subGradient,
  tanhGradient,
  transposeGradient,
  unsqueezeGradient,
  whereGradient,
  ...ZERO_OPERATORS.map((op): GradientRule => ({ op, opsets: [FIRST_OPSET, LATEST_OPSET], outcome: 'zero' })),
];

/** Rules by "domain:operator". @throws Error when ranges of one operator overlap */
export function buildTable(rules: readonly GradientRule[]): ReadonlyMap<string, readonly GradientRule[]> {
  const table = new Map<string, GradientRule[]>();
  for (const rule of rules) {
    const key = `${rule.domain ?? ''}:${rule.op}`;
    if (rule.opsets[0] > rule.opsets[1]) throw new Error(`the opsets of ${rule.op} end before they start`);
    const others = table.get(key) ?? [];
    if (others.some((other) => other.opsets[0] <= rule.opsets[1] && rule.opsets[0] <= other.opsets[1])) {
      throw new Error(`two gradient rules for ${rule.op} overlap`);
    }
    table.set(key, [...others, rule]);
  }
  return table;
}

const TABLE = buildTable(RULES);

/** The rule for an operator at an opset version, or undefined where there is none. */
export function findRule(domain: string, op: string, opset: number): GradientRule | undefined {
  return TABLE.get(`${domain}:${op}`)?.find((rule) => rule.opsets[0] <= opset && opset <= rule.opsets[1]);
}

/** Every rule, in the order of the table. */
export function allRules(): readonly GradientRule[] {
  return RULES;
}
