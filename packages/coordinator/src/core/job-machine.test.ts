/** Tests of the states of a job. */
import { LockstepError } from '@lockstep/protocol/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminal, type JobMachineEvent, type JobPhase, nextPhase } from './job-machine.js';

const error = new LockstepError('LANE_FAILED', { message: 'Lane 2 failed.' });
const events: readonly JobMachineEvent[] = [
  { type: 'waiting', why: '1 of 2 workers are ready' },
  { type: 'preparing', what: 'reads data.csv' },
  { type: 'running', what: 'epoch 1' },
  { type: 'finishing', what: 'writes model.onnx' },
  { type: 'succeeded', what: 'model.onnx is there' },
  { type: 'failed', error },
  { type: 'cancelled', why: 'by the user' },
];
const pending: JobPhase = { state: 'pending', reason: 'queued' };

describe('nextPhase', () => {
  it('takes over state and reason of an event', () => {
    expect(events.map((event) => nextPhase(pending, event))).toEqual([
      { state: 'pending', reason: '1 of 2 workers are ready' },
      { state: 'preparing', reason: 'reads data.csv' },
      { state: 'running', reason: 'epoch 1' },
      { state: 'finishing', reason: 'writes model.onnx' },
      { state: 'succeeded', reason: 'model.onnx is there' },
      { state: 'failed', reason: 'Lane 2 failed.', error },
      { state: 'cancelled', reason: 'by the user' },
    ]);
  });

  it('never changes a terminal state, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 20 }), (sequence) => {
        let phase: JobPhase = { ...pending };
        let final: JobPhase | null = null;
        for (const event of sequence) {
          phase = nextPhase(phase, event);
          if (final) expect(phase).toBe(final);
          else if (['succeeded', 'failed', 'cancelled'].includes(event.type)) final = phase;
          expect(isTerminal(phase)).toBe(final !== null);
        }
      }),
    );
  });
});
