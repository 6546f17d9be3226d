/** Truncated normal with standard deviation sqrt(2 / (fanIn + fanOut)), as Keras GlorotNormal. */
import { fillTruncatedNormal, type Initializer } from './initializer.js';

/** Truncated normal with standard deviation sqrt(2 / (fanIn + fanOut)), as Keras GlorotNormal. */
export const glorotNormal: Initializer = {
  name: 'glorotNormal',
  fill: (out, { fanIn, fanOut }, stream, start) =>
    fillTruncatedNormal(out, Math.sqrt(2 / (fanIn + fanOut)), stream, start),
};
