/** Words, numbers and addresses of the page. */
import { expect, it } from 'vitest';
import { formatAge, formatDuration, formatLanes, formatNumber, formatPhase, formatRate, oneLine } from './format.js';
import { phaseNames, rowsOfActivity, rowsOfTimes } from './phases.js';
import { jobPath, routeOf } from './route.js';
import { stallSentence, stallWords } from './stall-words.js';
import { readActivity, readJob, readSession } from './wire.js';

it('times and numbers are short', () => {
  expect([0.84, 9.97, 59.6, 200, 7500, 200_000, Number.NaN].map(formatDuration)).toEqual([
    ...['0.8 s', '10 s', '1 min 0 s', '3 min 20 s', '2 h 5 min', '2 d 7 h', '?'],
  ]);
  expect([-3, 59.9, 61, 7300, 200_000].map(formatAge)).toEqual(['0 s', '59 s', '1 min', '2 h', '2 d']);
  expect([0.000_0654, 0.0123456, 2].map(formatPhase)).toEqual(['65 µs', '12.3 ms', '2.0 s']);
  expect([12.4, 12_400, 3_140_000].map(formatRate)).toEqual(['12', '12.4 k', '3.14 M']);
  expect(
    [0, 0.123456, 1e-7, 0.00075, 2_345_000, 1e10, Number.NaN, -Infinity].map((value) => formatNumber(value)),
  ).toEqual([...['0', '0.1235', '1e-7', '7.5e-4', '2.345e+6', '1e+10', 'NaN', '-infinite']]);
  expect([[2], [3, 0, 1, 2], [0, 2, 3], []].map(formatLanes)).toEqual([
    ...['lane 2', 'lanes 0-3', 'lanes 0, 2-3', 'lanes none'],
  ]);
});

it('a reason is one line, whatever was pasted', () => {
  expect(oneLine(' wrong\tdata,\r\nsee\u0007 the\u2028log\n')).toBe('wrong data, see the log');
});

it('a stall is said once for each worker and phase, and counted only for the eye', () => {
  const stall = { workerId: 'w1', lanes: [0, 1], phase: 'compute', waitedSeconds: 12, deadlineSeconds: 5, reason: '' };
  expect(stallSentence(stall)).toBe('The step waits for worker w1, in phase compute');
  expect(stallSentence({ ...stall, waitedSeconds: 13, lanes: [0] })).toBe(stallSentence(stall));
  expect(stallSentence({ ...stall, workerId: '' })).toBe('The step waits for the coordinator, in phase compute');
  expect(stallSentence(null)).toBe('');
  expect(stallWords(stall)).toMatchObject({
    where: ', lanes 0-1, in phase compute',
    howLong: 'for 12 s (deadline 5.0 s)',
  });
});

it('phases stand in the order of a step, per step', () => {
  const activity = readActivity({
    steps: 9,
    phaseSeconds: { update: 1, command: 2, other: 4 },
    workers: [{ workerId: 'w', steps: 9, phaseSeconds: { send: 1, compute: 5 } }, { workerId: 'idle' }],
  });
  const rows = rowsOfActivity(activity);
  expect(rows.map(({ process, seconds }) => [process, seconds])).toEqual([
    ['coordinator', 7],
    ['w', 6],
  ]);
  expect(phaseNames(rows)).toEqual(['command', 'compute', 'send', 'update', 'other']);
  expect(rowsOfTimes([{ process: 'w', steps: 4, phaseSeconds: { compute: 2 } }])).toEqual([
    { process: 'w', steps: 4, phases: [{ name: 'compute', seconds: 0.5 }], seconds: 0.5 },
  ]);
});

it('addresses name a job whatever is in its name, and nothing else', () => {
  expect(routeOf(jobPath('a/b?'))).toEqual({ view: 'job', jobId: 'a/b?' });
  expect(['/', '/workers', '/workers/', '/jobs', '/jobs/a/b', '/jobs/%'].map((path) => routeOf(path).view)).toEqual([
    ...['jobs', 'workers', 'workers', 'unknown', 'unknown', 'unknown'],
  ]);
});

it('answers without a member, or with another type, are no reason to fail', () => {
  expect(readJob(null)).toMatchObject({ id: '', state: '', progress: null, result: null });
  expect(readJob({ progress: { trainLoss: 'Infinity' } }).progress?.trainLoss).toBe(Number.POSITIVE_INFINITY);
  expect(readSession({ who: { namespaces: 'all' } })).toMatchObject({ needsToken: false, who: { namespaces: [] } });
});
