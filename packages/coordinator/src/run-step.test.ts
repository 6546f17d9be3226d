/** A step that is given up leaves the vectors of its workers alone from then on. */
import type { GradientFrame__Output } from '@lockstep/protocol';
import { GRADIENT_FORMATS, PIECE_ELEMENTS } from '@lockstep/protocol/core';
import { expect, it } from 'vitest';
import type { Crew, CrewEvent } from './crew.js';
import { GradientBuffers } from './gather.js';
import { LanePace } from './lane-pace.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { WorkerSession } from './ports.js';
import { gatherLanes, type StepPorts } from './run-step.js';

it('is given up once what it had begun to add is added', async () => {
  const elementCount = 3 * PIECE_ELEMENTS;
  const slots = [1, 2, 3, 4].map((value) => new Float32Array(elementCount).fill(value));
  const session = { key: { workerId: 'w0', incarnation: 1 }, send: () => {} } as unknown as WorkerSession;
  let listener: ((event: CrewEvent) => void) | null = null;
  const crew = {
    ready: [session],
    find: () => session,
    listen: (to: typeof listener) => {
      listener = to;
    },
  } as unknown as Crew;
  const cancellation = new AbortController();
  const ports = {
    ...{ jobId: 'job', leadershipEpoch: 1, laneCount: 4, codec: null, residuals: null, crew, pace: new LanePace() },
    versions: { version: 0 } as ParameterVersions,
    link: { isHost: () => true },
    rule: { format: GRADIENT_FORMATS.float32 },
    buffers: new GradientBuffers(elementCount, (_worker, slot) => slots[slot - 1]!),
    clock: { nowMs: () => 0, unixSeconds: () => 0 },
    signal: cancellation.signal,
    watch: { lanes: () => {} },
    ...{ onPhase: () => {}, onDecision: () => {}, onDifference: () => {}, onChunkDifference: () => {} },
  } as unknown as StepPorts;
  const gathered = gatherLanes({ step: 0, epoch: 0, stepInEpoch: 0, rows: 8, learningRate: 1 }, ports);
  for (const lane of [0, 1]) {
    const gradient = {
      ...{ jobId: 'job', leadershipEpoch: 1, incarnation: 1, step: 0, attempt: 0, version: 0, startElement: 0 },
      ...{ firstLane: lane, endLane: lane + 1, slot: lane + 1, data: Buffer.alloc(0) },
      sums: { denominator: 1, loss: 1, metric: 1, rows: 2 },
    } as GradientFrame__Output;
    (listener as ((event: CrewEvent) => void) | null)?.({
      type: 'message',
      session,
      message: { gradient },
    } as CrewEvent);
  }
  cancellation.abort(new Error('cancelled'));
  await expect(gathered).rejects.toThrow('cancelled');
  expect(slots[0]!.every((value) => value === 3)).toBe(true);
});
