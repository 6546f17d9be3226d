/** Truncated normal with standard deviation sqrt(2 / fanIn), as Keras HeNormal. */
import { fillTruncatedNormal, type Initializer } from './initializer.js';

/** Truncated normal with standard deviation sqrt(2 / fanIn), as Keras HeNormal. */
export const heNormal: Initializer = {
  name: 'heNormal',
  fill: (out, { fanIn }, stream, start) => fillTruncatedNormal(out, Math.sqrt(2 / fanIn), stream, start),
};
