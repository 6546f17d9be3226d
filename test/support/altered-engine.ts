/** Engines that misbehave: by the last bit of one number, as failing silicon or another build does, or by never ending. */
import type { Engine, EngineSession } from '@lockstep/engine';

/** The engine with one unit in the last place added to the first number of the first float32 output of every run. */
export function oneUlpOff(engine: Engine): Engine {
  return withRuns(engine, async (session, feeds, fetches) => {
    const results = await session.run(feeds, fetches);
    const altered = Object.values(results).find(({ type, data }) => type === 'float32' && data.length > 0);
    if (altered) {
      const { buffer, byteOffset } = altered.data as Float32Array;
      new Int32Array(buffer, byteOffset, 1)[0]! += 1;
    }
    return results;
  });
}

/** The engine whose runs never end once `isHanging` says so. */
export function hanging(engine: Engine, isHanging: () => boolean): Engine {
  return withRuns(engine, (session, feeds, fetches) =>
    isHanging() ? new Promise(() => {}) : session.run(feeds, fetches),
  );
}

type Run = EngineSession['run'];

function withRuns(engine: Engine, run: (session: EngineSession, ...args: Parameters<Run>) => ReturnType<Run>): Engine {
  return {
    ...engine,
    createSession: async (model, options) => {
      const session = await engine.createSession(model, options);
      return {
        inputs: session.inputs,
        outputs: session.outputs,
        run: (...args) => run(session, ...args),
        release: () => session.release(),
      };
    },
  };
}
