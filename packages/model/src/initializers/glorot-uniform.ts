/** Uniform within sqrt(6 / (fanIn + fanOut)) of 0 (Glorot and Bengio 2010), as Keras GlorotUniform. */
import { fillUniform, type Initializer } from './initializer.js';

/** Uniform within sqrt(6 / (fanIn + fanOut)) of 0 (Glorot and Bengio 2010), as Keras GlorotUniform. */
export const glorotUniform: Initializer = {
  name: 'glorotUniform',
  fill: (out, { fanIn, fanOut }, stream, start) => fillUniform(out, Math.sqrt(6 / (fanIn + fanOut)), stream, start),
};
