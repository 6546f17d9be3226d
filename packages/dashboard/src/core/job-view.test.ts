/** What the page makes of a stream of messages. */
import type { Job__Output, JobEvent__Output } from '@lockstep/protocol';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { appended, MAX_ROWS, NO_ROWS, type Row, type Rows } from './curve.js';
import { eventLine, filtered } from './event-words.js';
import { chartsOf, chartText, columnsOf } from './job-curves.js';
import { EMPTY_VIEW, following, type JobMessage, MAX_LINES } from './job-view.js';
import { type Job, type JobEvent, readEvent, readJob } from './wire.js';

function step(sequence: number, at: number, trainLoss: unknown = 1 / at): JobMessage {
  const progress = { step: at, totalSteps: 100, totalEpochs: 50, trainLoss, samplesPerSecond: 10 };
  return { kind: 'event', event: readEvent({ sequence, unixSeconds: 50 + sequence, stepsCommitted: { progress } }) };
}

function event(sequence: number, kind: object): JobMessage {
  return { kind: 'event', event: readEvent({ sequence, unixSeconds: 50 + sequence, step: sequence, ...kind }) };
}

const JOB: JobMessage = {
  kind: 'job',
  job: readJob({ id: 'a-1', name: 'a', state: 'JOB_STATE_RUNNING', updatedUnixSeconds: 50 }),
};

const lossOf = ({ rows }: Rows) => rows.map(({ x, values }) => [x, values.loss]);
const row = (x: number, y: number | null): Row => ({ step: x, x, values: { y } });

it('its messages have names of the protocol', () => {
  expectTypeOf<keyof Job>().toExtend<keyof Job__Output>();
  expectTypeOf<keyof JobEvent>().toExtend<keyof JobEvent__Output>();
  expectTypeOf<keyof NonNullable<Job['result']>>().toExtend<keyof NonNullable<Job__Output['result']>>();
  expectTypeOf<keyof NonNullable<Job['progress']>>().toExtend<keyof NonNullable<Job__Output['progress']>>();
  expectTypeOf<keyof NonNullable<Job['activity']>>().toExtend<keyof NonNullable<Job__Output['activity']>>();
});

describe('a stream', () => {
  it('that begins again brings no point and no line twice', () => {
    const note = event(2, { note: { message: 'once' } });
    const once = following(EMPTY_VIEW, [JOB, step(1, 1), note, step(3, 2)]);
    const again = following(once, [JOB, step(1, 1), note, step(3, 2), step(4, 3)]);
    expect(again.lines).toHaveLength(1);
    expect(lossOf(again.curves.loss)).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
    ]);
    expect(again.job?.progress?.step).toBe(3);
  });

  it('drops what a rewind takes back, of steps and of epochs', () => {
    const ended = (at: number, epoch: number, loss: number) =>
      readEvent({ sequence: at, step: 1, epochEnded: { epoch, trainLoss: loss, metrics: { loss } } });
    const messages = [
      ...[step(1, 1), step(2, 2), { kind: 'event', event: ended(3, 1, 0.5) } as const],
      ...[event(4, { rewound: { toStep: 1 } }), step(5, 2, 7)],
    ];
    const { curves, lines } = following(EMPTY_VIEW, messages);
    expect(lossOf(curves.loss)).toEqual([
      [1, 1],
      [2, 7],
    ]);
    expect(curves.epochs.rows).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ kind: 'rewind', isWarning: true });
  });

  it('replaces what is computed again without a word', () => {
    const { curves } = following(EMPTY_VIEW, [step(1, 1), step(2, 2), step(3, 3), step(4, 2, 9)]);
    expect(lossOf(curves.loss)).toEqual([
      [1, 1],
      [2, 9],
    ]);
  });

  it('takes nothing of events that are older than the job, and no activity once it has ended', () => {
    const ended = { ...(JOB as { job: Job }).job, state: 'JOB_STATE_FAILED', updatedUnixSeconds: 99 };
    const activity = { steps: 1, phaseSeconds: {}, workers: [], stall: null };
    const { job, activity: now } = following(EMPTY_VIEW, [
      ...[{ kind: 'job', job: ended } as const, { kind: 'activity', activity } as const],
      event(1, { stateChanged: { state: 'JOB_STATE_RUNNING', reason: 'then' } }),
    ]);
    expect(job?.state).toBe('JOB_STATE_FAILED');
    expect(now).toBeNull();
  });

  it('keeps a bounded list of lines', () => {
    const many = Array.from({ length: MAX_LINES + 5 }, (_, at) => event(at + 1, { note: { message: `n${at}` } }));
    const { lines, forgotten } = following(EMPTY_VIEW, many);
    expect([lines.length, forgotten, lines[0]?.text]).toEqual([MAX_LINES, 5, 'n5']);
  });
});

describe('curves', () => {
  it('stay short, with their peaks and both ends, also of few values far apart', () => {
    const added = Array.from({ length: 20_001 }, (_, x) =>
      row(x * 50, x === 7777 ? 1000 : (x + 1) / (x === 0 ? 0.1 : 20_000)),
    );
    const { rows } = appended(NO_ROWS, added);
    expect(rows.length).toBeLessThanOrEqual(MAX_ROWS);
    expect([rows[0], rows.at(-1)]).toEqual([added[0], added.at(-1)]);
    expect(Math.max(...rows.map(({ values }) => values.y ?? 0))).toBe(1000);
    expect(rows.every(({ x }, at) => at === 0 || x > (rows[at - 1]?.x ?? 0))).toBe(true);
  });

  it('are as fine at their beginning as at their end, in whatever pieces they came', () => {
    let curve = NO_ROWS;
    for (let start = 0; start < 200_000; start += 7) {
      curve = appended(
        curve,
        Array.from({ length: 7 }, (_, at) => row(start + at, ((start + at) * 7919) % 1000)),
      );
    }
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => curve.rows.filter(({ x }) => Math.floor(x / 20_000) === tenth).length,
    );
    expect(Math.min(...tenths)).toBeGreaterThan(75);
    expect(Math.max(...tenths)).toBeLessThanOrEqual(201);
  });

  it('of epochs keep all values of an epoch, with the peaks of each', () => {
    const ended = (at: number) => {
      const metrics = { loss: at === 1234 ? 99 : 1 / at, accuracy: at === 777 ? -5 : 1 - 1 / at };
      return event(at, { epochEnded: { epoch: at, trainLoss: metrics.loss, learningRate: 0.1, metrics } });
    };
    const { curves } = following(
      EMPTY_VIEW,
      Array.from({ length: 9000 }, (_, at) => ended(at + 1)),
    );
    const { rows } = curves.epochs;
    expect(rows.length).toBeLessThanOrEqual(MAX_ROWS);
    expect(rows.every(({ values }) => Object.keys(values).length === 3)).toBe(true);
    expect(rows.map(({ x }) => x)).toEqual(expect.arrayContaining([1, 777, 1234, 9000]));
  });

  it('have a gap where a value is no number, also once they are thinned', () => {
    const added = Array.from({ length: 5000 }, (_, x) => row(x, x >= 100 && x < 140 ? null : x));
    expect(appended(NO_ROWS, added).rows.some(({ values }) => values.y === null)).toBe(true);
    const { curves } = following(EMPTY_VIEW, [step(1, 1), step(2, 2, 'NaN'), step(3, 3)]);
    expect(lossOf(curves.loss)[1]).toEqual([2, null]);
    expect(chartText(chartsOf(curves)[0]!)).toBe(
      'Training loss. train: 2 values from 1 to 0.3333, lowest 0.3333 at step 3, with gaps where it was no number',
    );
  });

  it('are drawn a metric and its validation together, over all epochs of both', () => {
    const ended = (sequence: number, epoch: number, metrics: object) =>
      event(sequence, { epochEnded: { epoch, trainLoss: 0.5, learningRate: 0.1, metrics } });
    const { curves } = following(EMPTY_VIEW, [
      ended(1, 1, { loss: 0.5, accuracy: 0.7 }),
      ended(2, 2, { loss: 0.5, accuracy: 0.8, validation_accuracy: 0.6 }),
    ]);
    const charts = chartsOf(curves);
    expect(charts.map(({ title, lines }) => [title, ...lines.map(({ name }) => name)])).toEqual([
      ['Loss by epoch', 'train'],
      ['Accuracy by epoch', 'train', 'validation'],
    ]);
    expect(columnsOf(charts[1]!)).toEqual([
      [1, 2],
      [0.7, 0.8],
      [undefined, 0.6],
    ]);
  });
});

it('events are found by their words, warnings alone where that is wanted', () => {
  const events = [
    { workerChanged: { workerId: 'w1', change: 'lost', reason: 'no heartbeat for 20 s' } },
    { stateChanged: { state: 'JOB_STATE_RUNNING', reason: '2 workers' } },
    { epochEnded: { epoch: 2, trainLoss: 0.25, seconds: 75, metrics: { loss: 0.25, validation_loss: 0.5 } } },
    { stepsCommitted: { progress: { step: 1 } } },
  ];
  const lines = events.flatMap((kind, at) => eventLine(readEvent({ sequence: at, ...kind })) ?? []);
  expect(lines.map(({ text }) => text)).toEqual([
    'w1 lost: no heartbeat for 20 s',
    'running: 2 workers',
    'epoch 2: loss 0.25, validation loss 0.5, took 1 min 15 s',
  ]);
  expect(filtered(lines, true, '').map(({ kind }) => kind)).toEqual(['worker']);
  expect(filtered(lines, false, ' WORKERS').map(({ kind }) => kind)).toEqual(['state']);
});
