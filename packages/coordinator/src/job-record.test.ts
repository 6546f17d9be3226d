import { describe, expect, it } from 'vitest';
import { type JobRecord, readRecord, writeRecord } from './job-record.js';

const record = (loss: number, exportDifference: number): JobRecord => ({
  ...{ format: 1, id: 'job-a', requestId: 'r', fingerprint: 'f', spec: 'name: a', dataName: 'a.csv' },
  namespace: 'vision',
  dataFiles: [{ name: 'a.csv', sha256: '0' }],
  ...{ createdUnixSeconds: 1.5, updatedUnixSeconds: 2.5, state: 'succeeded', reason: 'it is done', failure: null },
  result: {
    ...{ parametersSha256: 'p', lanes: 4, numericClass: 'c', reproducible: true, testMetrics: { loss } },
    ...{ metricsJson: '{}', historyCsv: '', curvesJson: 'null', modelBytes: 1, modelSha256: 'm', exportDifference },
    firstStepUnixSeconds: 1,
    link: 'host',
    processTimes: [{ process: 'coordinator', steps: 3, phaseSeconds: { compute: 0.5 } }],
  },
});

describe('the record of a job', () => {
  it('of before jobs had a namespace is of the default one', () => {
    const { namespace: _, ...before } = record(1, 1);
    expect(readRecord(JSON.stringify(before)).namespace).toBe('default');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1])(
    'keeps a result of %s',
    (value) => {
      expect(readRecord(writeRecord(record(value, value)))).toEqual(record(value, value));
    },
  );

  it('of an earlier version, with null for what is no number, is still read', () => {
    const earlier = JSON.stringify(record(Number.NaN, Number.NaN));
    expect(earlier).toContain('"loss":null');
    expect(readRecord(earlier)).toEqual(record(Number.NaN, Number.NaN));
  });
});
