/** An engine like a given one, but for the last bit of one number: what failing silicon or another build looks like. */
import type { Engine } from '@lockstep/engine';

/** The engine with one unit in the last place added to the first number of the first float32 output of every run. */
export function oneUlpOff(engine: Engine): Engine {
  return {
    ...engine,
    createSession: async (model, options) => {
      const session = await engine.createSession(model, options);
      return {
        inputs: session.inputs,
        outputs: session.outputs,
        release: () => session.release(),
        run: async (feeds, fetches) => {
          const results = await session.run(feeds, fetches);
          const altered = Object.values(results).find(({ type, data }) => type === 'float32' && data.length > 0);
          if (altered) {
            const { buffer, byteOffset } = altered.data as Float32Array;
            new Int32Array(buffer, byteOffset, 1)[0]! += 1;
          }
          return results;
        },
      };
    },
  };
}
