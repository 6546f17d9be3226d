import { initializeParameters, planModel } from '@lockstep/model';
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { initialParameters } from './initial-parameters.js';
import { RunningCoordinator, SPEC } from './testing/running-coordinator.js';

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
    const made = new Float32Array(planned.layout.elementCount);
    await initialParameters(planned, 7, made, new AbortController().signal);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(8);
    expect(Buffer.from(made.buffer).equals(Buffer.from(initializeParameters(planned, 7).buffer))).toBe(true);
  });

  it('are given up when the job is cancelled', async () => {
    const controller = new AbortController();
    const making = initialParameters(plan(), 7, new Float32Array(plan().layout.elementCount), controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(making).rejects.toThrow('cancelled');
  });

  it('of a model that does not fit the memory are never made: the job fails with both sums', async () => {
    vi.spyOn(process, 'constrainedMemory').mockReturnValue(100_000_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const running = await RunningCoordinator.start();
    const { id } = await running.submit(SPEC.replace('units: 3', 'units: 1000000'));
    expect((await running.ended(id)).failure).toMatchObject({
      ...{ code: 'LIMIT_EXCEEDED', field: 'model', value: expect.stringMatching(/^40000\d\d parameters$/) },
      message: expect.stringMatching(
        /needs at least 0\.12 GiB for .* \(2 parameters \+ 1 gradient \+ 2 optimizer \+ 3 checkpoint vectors\); its machine has 0\.09 GiB/,
      ),
      fix: expect.stringMatching(/at most 3125000 parameters fit here/),
    });
  });
});
