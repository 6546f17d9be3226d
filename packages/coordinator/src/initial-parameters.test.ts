import { initializeParameters, planModel } from '@lockstep/model';
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { initialParameters } from './initial-parameters.js';
import { SPEC } from './testing/running-coordinator.js';

const { spec } = parseJobSpec(SPEC, { overrides: { model: '[{dense: {units: 400000}}, {dense: {units: 1}}]' } });
const plan = () => {
  if (!spec) throw new Error('the spec is not valid');
  return planModel({ layers: spec.model, loss: 'mse', featureWidth: 1, outputWidth: 1 });
};

describe('the first parameters', () => {
  it('are made in pieces with the bits of one piece, and other work is done in between', async () => {
    const planned = plan();
    let turns = 0;
    const count = (): void => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const made = await initialParameters(planned, 7, new AbortController().signal);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(8);
    expect(Buffer.from(made.buffer).equals(Buffer.from(initializeParameters(planned, 7).buffer))).toBe(true);
  });

  it('are given up when the job is cancelled', async () => {
    const controller = new AbortController();
    const making = initialParameters(plan(), 7, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(making).rejects.toThrow('cancelled');
  });
});
