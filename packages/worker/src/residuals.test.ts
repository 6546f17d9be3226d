/** Tests of what lanes have not sent: from which version on it counts, and where it comes from. */
import type { StepCommand__Output } from '@lockstep/protocol';
import { type LaneCodec, laneCodec } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { Residuals } from './residuals.js';

/** Sends the larger of two elements. */
const codec = laneCodec({ name: 'topK', fraction: 0.5 }, 2) as LaneCodec;

function command(version: number, { lanes = [0], origin = 0 } = {}): StepCommand__Output {
  return { version, lanes, residualOrigin: origin } as unknown as StepCommand__Output;
}

/** @param held what lanes are handed out with */
function start(held: Record<string, readonly number[]> = {}) {
  const reads: string[] = [];
  const residuals = new Residuals({
    ...{ codec, elementCount: 2, checkMemory: () => {} },
    read: async (lane, origin, into) => {
      reads.push(`${lane} at ${origin}`);
      into.set(held[`${lane} at ${origin}`] ?? []);
    },
  });
  const sent = async (version: number, gradient: readonly number[], lane = 0): Promise<number[]> => {
    const vector = Float32Array.from(gradient);
    await residuals.encode(lane, version, vector);
    return [...vector];
  };
  return { residuals, reads, sent };
}

describe('residuals', () => {
  it('are added to the next gradient, once', async () => {
    const { residuals, sent } = start();
    await residuals.prepare(command(0));
    expect(await sent(0, [4, 3])).toEqual([4, 0]);
    expect([...residuals.left(0)]).toEqual([0, 3]);
    await residuals.prepare(command(1));
    expect(await sent(1, [4, 3])).toEqual([0, 6]);
    expect([...residuals.left(0)]).toEqual([4, 0]);
    await residuals.prepare(command(2));
    expect([...residuals.left(0)]).toEqual([4, 0]);
    expect(await sent(2, [1, 1])).toEqual([5, 0]);
  });

  it('are the same for a lane that is encoded again on its version', async () => {
    const { residuals, sent } = start();
    await residuals.prepare(command(0));
    await sent(0, [4, 3]);
    for (let time = 0; time < 3; time++) {
      await residuals.prepare(command(1));
      expect(await sent(1, [0, 2])).toEqual([0, 5]);
    }
    expect([...residuals.left(0)]).toEqual([0, 0]);
  });

  it('of a lane without rows in a step stay for the step after', async () => {
    const { residuals, sent } = start();
    await residuals.prepare(command(0, { lanes: [0, 1] }));
    await sent(0, [4, 3], 1);
    await residuals.prepare(command(1));
    expect([...residuals.left(1)]).toEqual([0, 3]);
    await residuals.prepare(command(2, { lanes: [0, 1] }));
    expect(await sent(2, [0, 1], 1)).toEqual([0, 4]);
  });

  it('are read once of each origin, and those of an earlier one are forgotten', async () => {
    const { residuals, reads, sent } = start({ '1 at 7': [0, 9] });
    await residuals.prepare(command(0, { lanes: [0, 1] }));
    await sent(0, [4, 3], 1);
    await residuals.prepare(command(1, { lanes: [0, 1] }));
    await residuals.prepare(command(7, { lanes: [1], origin: 7 }));
    expect(reads).toEqual(['0 at 0', '1 at 0', '1 at 7']);
    expect(await sent(7, [1, 1], 1)).toEqual([0, 10]);
    expect(() => residuals.left(0)).toThrow('no residual of lane 0');
  });

  it('are counted by the lanes that are held, before any is read, and again where more come', async () => {
    const seen: (number | string)[] = [];
    const residuals = new Residuals({
      ...{ codec, elementCount: 2 },
      read: async (lane) => void seen.push(`lane ${lane}`),
      checkMemory: (lanes) => void seen.push(lanes),
    });
    await residuals.prepare(command(0, { lanes: [0, 2] }));
    await residuals.prepare(command(1, { lanes: [2] }));
    await residuals.prepare(command(2, { lanes: [1, 2] }));
    expect(seen).toEqual([2, 'lane 0', 'lane 2', 3, 'lane 1']);
  });

  it('are read again where reading failed', async () => {
    let times = 0;
    const residuals = new Residuals({
      ...{ codec, elementCount: 2, checkMemory: () => {} },
      read: async () => {
        if (times++ === 0) throw new Error('cut');
      },
    });
    await expect(residuals.prepare(command(0))).rejects.toThrow('cut');
    await residuals.prepare(command(0));
    expect(times).toBe(2);
  });
});
