/** Uniform within sqrt(6 / fanIn) of 0 (He et al. 2015), as Keras HeUniform. */
import { fillUniform, type Initializer } from './initializer.js';

/** Uniform within sqrt(6 / fanIn) of 0 (He et al. 2015), as Keras HeUniform. */
export const heUniform: Initializer = {
  name: 'heUniform',
  fill: (out, { fanIn }, stream, start) => fillUniform(out, Math.sqrt(6 / fanIn), stream, start),
};
