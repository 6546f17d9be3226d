import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StepTrace } from './step-trace.js';

const common = { name: z.string().min(1), pid: z.int().min(1), tid: z.int().min(0) };
const time = z.number().min(0);
/** The JSON object format of Chrome's trace events, as far as it is used. */
const format = z.strictObject({
  displayTimeUnit: z.enum(['ms', 'ns']),
  otherData: z.record(z.string(), z.unknown()),
  traceEvents: z.array(
    z.union([
      z.strictObject({ ...common, ph: z.literal('M'), args: z.strictObject({ name: z.string() }) }),
      z.strictObject({
        ...{ ...common, ph: z.literal('X'), cat: z.string(), ts: time, dur: time },
        args: z.strictObject({ step: z.int().min(0) }),
      }),
    ]),
  ),
});

function eventsOf(trace: StepTrace) {
  return format.parse(JSON.parse([...trace.pieces()].join(''))).traceEvents;
}

/** A step of 100 ms that starts at a time: two workers, one twice as slow as the other. */
function addStep(trace: StepTrace, step: number, startMs: number): void {
  trace.phase('command', 0.001, startMs + 1);
  const measured = (ms: number) => ({ computeSeconds: ms / 1000, waitParametersSeconds: 0.004 });
  trace.arrived({ worker: 'fast', step, lanes: 'lane 0', measured: measured(30) }, startMs + 40);
  trace.arrived({ worker: 'slow', step, lanes: 'lane 1', measured: null }, startMs + 70);
  trace.arrived({ worker: 'slow', step, lanes: 'lane 1', measured: measured(60) }, startMs + 78);
  trace.phase('compute', 0.08, startMs + 80);
  trace.phase('reduce', 0.005, startMs + 85);
  trace.phase('update', 0.005, startMs + 90);
  trace.phase('broadcast', 0.01, startMs + 100);
}

describe('the trace of steps', () => {
  it('is in the format of trace events, with a process for the coordinator and each worker', () => {
    const trace = new StepTrace();
    for (let step = 0; step < 3; step++) addStep(trace, step, step * 100);
    const events = eventsOf(trace);
    const processes = events.flatMap((event) =>
      event.name === 'process_name' && event.ph === 'M' ? event.args.name : [],
    );
    expect(processes).toEqual(['coordinator', 'fast', 'slow']);
    const threads = events.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid);
    expect(new Set(threads).size).toBe(threads.length);
  });

  it("lays a worker's phases out backwards from the arrival of its frames", () => {
    const trace = new StepTrace();
    addStep(trace, 7, 1000);
    const slow = eventsOf(trace).flatMap((event) => (event.ph === 'X' && event.pid === 3 ? [event] : []));
    expect(slow.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['wait_parameters', 6000, 4000],
      ['compute', 10_000, 60_000],
      ['upload', 70_000, 8000],
    ]);
    expect(slow.every(({ args }) => args.step === 7)).toBe(true);
  });

  it("puts the coordinator's phases one behind another", () => {
    const trace = new StepTrace();
    addStep(trace, 4, 0);
    const own = eventsOf(trace).flatMap((event) => (event.ph === 'X' && event.pid === 1 ? [event] : []));
    expect(own.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['command', 0, 1000],
      ['compute', 0, 80_000],
      ['reduce', 80_000, 5000],
      ['update', 85_000, 5000],
      ['broadcast', 90_000, 10_000],
    ]);
    expect(own.every(({ args }) => args.step === 4)).toBe(true);
  });

  it('names the slowest phase and the slowest worker with their share of the time', () => {
    const trace = new StepTrace();
    addStep(trace, 0, 0);
    const { slowestPhase, slowestWorker, steps, seconds } = trace.summary();
    expect({ steps, seconds }).toEqual({ steps: 1, seconds: expect.closeTo(0.1) });
    expect(slowestPhase).toEqual({ phase: 'compute', share: expect.closeTo(0.6) });
    expect(slowestWorker).toEqual({ worker: 'slow', share: expect.closeTo(0.6) });
    expect(new StepTrace().summary()).toMatchObject({ slowestPhase: null, slowestWorker: null });
  });

  it('keeps the newest spans where there are too many, and sums up all', () => {
    const trace = new StepTrace(100);
    for (let step = 0; step < 50; step++) addStep(trace, step, step * 100);
    const spans = eventsOf(trace).flatMap((event) => (event.ph === 'X' ? [event] : []));
    expect(spans.length).toBeLessThanOrEqual(100);
    expect(spans.length).toBeGreaterThanOrEqual(50);
    expect(spans.at(-1)?.args.step).toBe(49);
    expect(trace.summary()).toMatchObject({ steps: 50, droppedSpans: 50 * 10 - spans.length });
  });
});
