import { describe, expect, it } from 'vitest';
import { buildTable, type Signature } from './signatures.js';

const row = (first: number, last: number): [string, Signature] => [
  ':Add',
  { opsets: [first, last], inputs: ['T', 'T'], required: 2, variadic: false, types: ['float32'] },
];

describe('the table of signatures', () => {
  it('refuses two signatures of one operator for the same operator set', () => {
    expect(() => buildTable([row(13, 17), row(17, 21)])).toThrow('two signatures of :Add overlap');
    expect(buildTable([row(13, 17), row(18, 21)]).get(':Add')).toHaveLength(2);
  });
});
