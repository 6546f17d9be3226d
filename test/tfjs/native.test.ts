/** TensorFlow.js on the TensorFlow that `lockstep engines install tfjs` has built, under the suite of every engine. */
import { describeEngine, TFJS_SKIPS } from '../contract/engine-contract.ts';
import { describeAgreement } from '../contract/engines-agree.ts';

describeEngine({ engine: 'tfjs', adapter: 'c-api', backend: 'tensorflow', skips: TFJS_SKIPS });
describeAgreement('tensorflow');
