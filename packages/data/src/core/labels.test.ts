import { describe, expect, it } from 'vitest';
import { checkClasses, orderClasses } from './labels.js';

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

describe('checkClasses', () => {
  it('refuses a single class', () => {
    expect(() => checkClasses('y', 'binary', ['yes'])).toThrow(
      expect.objectContaining({ code: 'DATA_LABEL', field: 'y', message: 'The label y has only one class: "yes".' }),
    );
  });

  it('refuses three classes for a binary loss, shows them, and says what would work', () => {
    expect(() => checkClasses('y', 'binary', ['Yes', 'no', 'perhaps'])).toThrow(
      expect.objectContaining({
        code: 'DATA_LABEL',
        message: expect.stringContaining('"Yes", "no", "perhaps"'),
        fix: expect.stringContaining('units: 3'),
      }),
    );
  });

  it('says so where classes differ only in blanks or case', () => {
    expect(() => checkClasses('y', 'binary', ['Yes', 'no', 'yes '])).toThrow(
      expect.objectContaining({ fix: 'Some differ only in blanks or case: spell each class in one way.' }),
    );
  });

  it('takes two classes for any loss, and more for several', () => {
    expect(() => checkClasses('y', 'binary', ['0', '1'])).not.toThrow();
    expect(() => checkClasses('y', 'multiclass', ['0', '1', '2'])).not.toThrow();
  });
});
