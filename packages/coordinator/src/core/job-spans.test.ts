/** Tests of the spans that a job's events are. */
import { expect, it } from 'vitest';
import { type JobSpans, leaveSpans, NO_SPANS, nextSpans, type SpanAction, type SpanEvent } from './job-spans.js';

/** An event a second. */
function run(events: readonly SpanEvent[]): { spans: JobSpans; actions: SpanAction[] } {
  let spans = NO_SPANS;
  const actions: SpanAction[] = [];
  events.forEach((event, index) => {
    const step = nextSpans(spans, { unixSeconds: 100 + index, step: 0, ...event });
    spans = step.spans;
    actions.push(...step.actions);
  });
  return { spans, actions };
}

/** "start phase running", "end epoch !why". */
const words = (actions: readonly SpanAction[]): string[] =>
  actions.map((action) => {
    const name = 'name' in action ? ` ${action.name}` : '';
    return `${action.type} ${action.level}${name}${action.type === 'end' && action.error !== null ? ` !${action.error}` : ''}`;
  });

const state = (name: string, reason = '') => ({ stateChanged: { state: `JOB_STATE_${name}`, reason } });
const epoch = (number: number): SpanEvent => ({
  step: 10 * number,
  epochEnded: { epoch: number, trainLoss: 0.5, learningRate: 0.1, metrics: { accuracy: 0.75 } },
});
const STEPS: SpanEvent = { stepsCommitted: { progress: null } };

it('are the job, a phase for each state, and an epoch for each that ended', () => {
  const { actions } = run([
    state('PENDING', 'waits'),
    state('PENDING', 'waits for 2 workers'),
    state('PREPARING'),
    state('RUNNING'),
    STEPS,
    epoch(1),
    STEPS,
    epoch(2),
    state('FINISHING'),
    state('SUCCEEDED', 'done'),
  ]);
  expect(words(actions)).toEqual([
    'start phase pending',
    'event phase pending',
    'end phase',
    'start phase preparing',
    'end phase',
    'start phase running',
    'start epoch epoch',
    'end epoch',
    'start epoch epoch',
    'end epoch',
    'start epoch epoch',
    'drop epoch',
    'end phase',
    'start phase finishing',
    'end phase',
    'end job',
  ]);
  const ended = actions.find(({ type, level }) => type === 'end' && level === 'epoch');
  expect(ended).toMatchObject({
    at: 105,
    attributes: {
      'lockstep.epoch': 1,
      'lockstep.step': 10,
      'lockstep.train_loss': 0.5,
      'lockstep.metric.accuracy': 0.75,
    },
  });
  expect(actions.at(-1)).toMatchObject({ attributes: { 'lockstep.state': 'succeeded', reason: 'done' }, error: null });
});

it('end with the reason of a failure, and an epoch that was begun says that it is not finished', () => {
  const { actions } = run([state('RUNNING'), STEPS, state('FAILED', 'no worker')]);
  expect(words(actions).slice(2)).toEqual(['end epoch', 'end phase !no worker', 'end job !no worker']);
  expect(actions[2]).toMatchObject({ attributes: { 'lockstep.unfinished': true } });
});

it('have what happens on the way as events of the job or of its phase', () => {
  const { actions } = run([
    state('RUNNING'),
    { step: 7, workerChanged: { workerId: 'w1', change: 'lost', reason: 'gone' } },
    { step: 7, note: { code: 'RESUMED', message: 'goes on' } },
    { step: 7, rewound: { toStep: 5 } },
    { step: 7, stepStalled: { workerId: 'w1', phase: 'compute', reason: 'slow' } },
  ]);
  expect(words(actions).slice(2)).toEqual([
    'event job worker lost',
    'event phase RESUMED',
    'event phase rewound',
    'event phase step stalled',
  ]);
  expect(actions[2]).toMatchObject({ attributes: { 'lockstep.step': 7, 'lockstep.worker.id': 'w1', reason: 'gone' } });
  expect(actions[4]).toMatchObject({ attributes: { 'lockstep.to_step': 5 } });
});

it('end all that is open, where the job goes on without this process', () => {
  const { spans } = run([state('RUNNING'), STEPS]);
  expect(words(leaveSpans(spans, 200))).toEqual(['end epoch', 'end phase', 'end job']);
  expect(words(leaveSpans(NO_SPANS, 200))).toEqual(['end job']);
});
