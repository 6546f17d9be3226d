import { describe, expect, it } from 'vitest';
import { ClassScan } from './label-scan.js';
import {
  checkClasses,
  classReader,
  type LabelCount,
  type LabelRule,
  orderClasses,
  spellingAdvice,
  withPositive,
} from './labels.js';

const rule = (parts: Partial<LabelRule> = {}): LabelRule => ({
  ...{ trim: true, foldCase: false, onUnusable: 'fail' },
  ...parts,
});
const once = (...names: string[]): LabelCount[] => names.map((text) => ({ text, count: 1 }));

function scanOf(cells: readonly (string | null)[], parts?: Partial<LabelRule>): ClassScan {
  const scan = new ClassScan('y', rule(parts));
  for (const cell of cells) scan.add(cell);
  return scan;
}

describe('orderClasses', () => {
  it('orders numbers by value', () => {
    expect(orderClasses(['10', '9', '-1', '2.5'])).toEqual(['-1', '2.5', '9', '10']);
  });

  it('orders text by code units', () => {
    expect(orderClasses(['b', 'a', 'B', 'ä', '10', '9'])).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
  });

  it('orders spellings of one number by code units, whatever order they came in', () => {
    expect(orderClasses(['1.0', '1', '0'])).toEqual(['0', '1', '1.0']);
    expect(orderClasses(['0', '1', '1.0'])).toEqual(['0', '1', '1.0']);
  });
});

describe('ClassScan', () => {
  it('takes blanks off, counts the spellings, and gives each row its class', () => {
    const scan = scanOf(['yes', 'no ', 'yes ', 'no', ' yes', 'Yes', 'yes', 'no']);
    expect(scan.counts()).toEqual([
      { text: 'yes', count: 4 },
      { text: 'no', count: 3 },
      { text: 'Yes', count: 1 },
    ]);
    expect(scan.result()).toEqual({
      names: ['Yes', 'no', 'yes'],
      classes: Int32Array.of(2, 1, 2, 1, 2, 0, 2, 1),
    });
  });

  it('folds case into the most frequent spelling', () => {
    const scan = scanOf(['NO', 'yes', 'no', 'Yes', 'yes', 'NO'], { foldCase: true });
    expect(scan.counts()).toEqual([
      { text: 'NO', count: 3 },
      { text: 'yes', count: 3 },
    ]);
    expect(scan.result()).toEqual({ names: ['NO', 'yes'], classes: Int32Array.of(0, 1, 0, 1, 1, 0) });
  });

  it('keeps blanks where they count', () => {
    expect(scanOf(['a', 'a ', 'b'], { trim: false }).result().names).toEqual(['a', 'a ', 'b']);
  });

  it('knows the rows without a label, however many rows there are', () => {
    const scan = scanOf(Array.from({ length: 5000 }, (_, row) => (row % 1000 === 999 ? null : String(row % 3))));
    expect([scan.unusable.count, scan.unusable.first]).toEqual([5, [999, 1999, 2999, 3999, 4999]]);
    expect([scan.unusable.has(4999), scan.unusable.has(4998), scan.unusable.has(9999)]).toEqual([true, false, false]);
    const { classes } = scan.result();
    expect([classes.length, classes[999], classes[4998]]).toEqual([5000, -1, 0]);
  });
});

describe('checkClasses', () => {
  it('refuses a single class', () => {
    expect(() => checkClasses('y', 'binary', [{ text: 'yes', count: 7 }])).toThrow(
      expect.objectContaining({ code: 'DATA_LABEL', field: 'y', message: 'The label y has only one class: "yes" 7.' }),
    );
  });

  it('refuses three classes for a binary loss, shows them with their counts, and says what would work', () => {
    expect(() => checkClasses('y', 'binary', once('Yes', 'no', 'perhaps'))).toThrow(
      expect.objectContaining({
        code: 'DATA_LABEL',
        message: expect.stringContaining('3 classes ("Yes" 1, "no" 1, "perhaps" 1)'),
        fix: expect.stringContaining('units: 3'),
      }),
    );
  });

  it('says which key makes spellings that differ only in case one class', () => {
    expect(() => checkClasses('y', 'binary', once('Yes', 'no', 'yes'))).toThrow(
      expect.objectContaining({
        fix: '"Yes" and "yes" differ only in case: data.labels: {foldCase: true} makes them one class.',
      }),
    );
  });

  it('takes two classes for any loss, and more for several', () => {
    expect(() => checkClasses('y', 'binary', once('0', '1'))).not.toThrow();
    expect(() => checkClasses('y', 'multiclass', once('0', '1', '2'))).not.toThrow();
  });
});

describe('spellingAdvice', () => {
  it('sees blanks, case and ways of writing one number, and nothing where there is nothing', () => {
    expect(spellingAdvice(['a', 'a ', 'b'])).toContain('"a" and "a " differ only in blanks: data.labels: {trim: true}');
    expect(spellingAdvice(['1', '1.0', '2'])).toBe('"1" and "1.0" are one number: write it in one way.');
    expect(spellingAdvice(['a', 'b', '1', '2'])).toBeNull();
  });
});

describe('withPositive', () => {
  it('puts the positive class second, in any spelling that the rule allows', () => {
    expect(withPositive('y', ['no', 'yes'], 'no', rule())).toEqual(['yes', 'no']);
    expect(withPositive('y', ['no', 'yes'], ' NO', rule({ foldCase: true }))).toEqual(['yes', 'no']);
  });

  it('refuses one that is no class', () => {
    expect(() => withPositive('y', ['-1', '1'], '0', rule())).toThrow(
      expect.objectContaining({ code: 'DATA_LABEL', field: 'data.labels.positive', fix: 'Use one of "-1", "1".' }),
    );
  });
});

describe('reading labels of a later table', () => {
  it('follows the rule of the model', () => {
    const strict = classReader(['no', 'yes'], rule());
    expect([' yes ', 'Yes', 'no', ''].map(strict)).toEqual([1, -1, 0, -1]);
    expect(classReader(['no', 'yes'], rule({ foldCase: true }))('YES')).toBe(1);
  });
});
