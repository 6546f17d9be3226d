/** Residuals on their way into a checkpoint: workers that send nothing, or too little, are not waited for. */
import type { ResidualFrame__Output } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { collectResiduals } from './collect-residuals.js';
import { ResidualBook } from './core/residual-book.js';
import type { Crew, CrewEvent } from './crew.js';
import { COMMAND_TIMEOUT_MS } from './limits.js';
import { OwnerLost } from './owner-lost.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { WorkerSession } from './ports.js';

const ELEMENTS = 4;
const key = { workerId: 'w0', incarnation: 1 };

/** One lane of one worker, which is asked for what it has not sent. */
function collect() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const ends: string[] = [];
  let listener: ((event: CrewEvent) => void) | null = null;
  const session = { key, send: () => {}, end: (why: string) => ends.push(why) } as unknown as WorkerSession;
  const crew = {
    ready: [session],
    find: () => session,
    listen: (to: typeof listener) => {
      listener = to;
    },
  } as unknown as Crew;
  const residuals = new ResidualBook(1);
  residuals.handOut([key], 0);
  residuals.computed(0, [0]);
  const versions = { version: 1, current: new Float32Array(ELEMENTS) } as ParameterVersions;
  const { signal } = new AbortController();
  const collected = collectResiduals({ jobId: 'job', leadershipEpoch: 1, crew, versions, signal, residuals });
  const outcome = vi.fn();
  collected.then(outcome, outcome);
  const send = (startElement: number, elements: number): void => {
    const data = Buffer.from(new Float32Array(elements).fill(2).buffer);
    const head = { jobId: 'job', leadershipEpoch: 1, incarnation: 1, version: 1, lane: 0, failure: null };
    const residual = { ...head, startElement, data } as ResidualFrame__Output;
    listener?.({ type: 'message', session, message: { residual } } as CrewEvent);
  };
  return { ends, outcome, send, wait: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

describe('residuals for a checkpoint', () => {
  it('are there once every element has come', async () => {
    const { ends, outcome, send, wait } = collect();
    send(0, 3);
    send(3, 1);
    await wait(0);
    expect(outcome).toHaveBeenCalledExactlyOnceWith([new Float32Array(ELEMENTS).fill(2)]);
    expect(ends).toEqual([]);
  });

  it('are refused in frames of nothing', () => {
    const { ends, send } = collect();
    send(0, 0);
    expect(ends).toEqual([expect.stringContaining('lane 0 comes with a gap')]);
  });

  it('are given up with a worker that sends hardly any of them', async () => {
    const { ends, outcome, send, wait } = collect();
    for (let element = 0; element < ELEMENTS - 1; element++) {
      await wait(COMMAND_TIMEOUT_MS / ELEMENTS);
      send(element, 1);
    }
    await wait(COMMAND_TIMEOUT_MS / ELEMENTS);
    expect(outcome).toHaveBeenCalledExactlyOnceWith(expect.any(OwnerLost));
    expect(ends).toEqual(['it does not tell the residuals of its lanes']);
  });
});
