import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownOperators } from '../graph/signatures.js';
import type { GradientRule } from './gradient-rule.js';
import { operatorsMarkdown } from './operators-markdown.js';
import { allRules, buildTable, findRule } from './table.js';

const DOCUMENT = new URL('../../../../docs/operators.md', import.meta.url);

describe('docs/operators.md', () => {
  it('is the table of rules, written out', () => {
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, operatorsMarkdown());
    expect(readFileSync(DOCUMENT, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(operatorsMarkdown());
  });

  it('names every operator that a graph may hold, once per range of operator sets', () => {
    const named = [...operatorsMarkdown().matchAll(/^\| `(.+?)`/gm)].map((match) => match[1]!);
    const known = knownOperators().map((key) => key.replace(/^:/, '').replace(':', '.'));
    expect(new Set(named)).toEqual(new Set(known));
    expect(operatorsMarkdown()).toMatch(/^\| `Max` +\| +\| none /m);
    expect(operatorsMarkdown()).toMatch(/^\| `Pow` +\| 13-21 +\| rule +\| where the exponent is a constant +\|$/m);
  });
});

describe('the table of gradient rules', () => {
  const rule = (op: string, first: number, last: number, domain = ''): GradientRule => ({
    op,
    domain,
    opsets: [first, last],
    outcome: 'zero',
  });

  it('refuses a duplicate and ranges that share an operator set', () => {
    expect(() => buildTable([rule('Foo', 13, 17), rule('Foo', 13, 17)])).toThrow('two gradient rules for Foo overlap');
    expect(() => buildTable([rule('Foo', 13, 17), rule('Foo', 17, 21)])).toThrow('overlap');
    expect(() => buildTable([rule('Foo', 18, 21), rule('Foo', 13, 18)])).toThrow('overlap');
    expect(() => buildTable([rule('Foo', 13, 21), rule('Foo', 15, 16)])).toThrow('overlap');
  });

  it('takes ranges that touch, and the same name in two domains', () => {
    const table = buildTable([rule('Foo', 13, 17), rule('Foo', 18, 21), rule('Foo', 13, 21, 'other')]);
    expect([...table.keys()]).toEqual([':Foo', 'other:Foo']);
    expect(table.get(':Foo')).toHaveLength(2);
  });

  it('refuses a range that ends before it starts', () => {
    expect(() => buildTable([rule('Foo', 21, 13)])).toThrow('the opsets of Foo end before they start');
  });

  it('finds a rule by domain, operator and operator set', () => {
    expect(findRule('', 'Relu', 13)?.outcome).toBe('rule');
    expect(findRule('', 'Relu', 21)?.outcome).toBe('rule');
    expect(findRule('', 'Floor', 17)?.outcome).toBe('zero');
    expect(findRule('', 'Relu', 12)).toBeUndefined();
    expect(findRule('', 'Relu', 22)).toBeUndefined();
    expect(findRule('ai.onnx.ml', 'Relu', 17)).toBeUndefined();
    expect(findRule('', 'Max', 17)).toBeUndefined();
  });

  it('has no rule for an operator that no graph may hold', () => {
    const known = new Set(knownOperators());
    expect(allRules().filter(({ op, domain = '' }) => !known.has(`${domain}:${op}`))).toEqual([]);
  });
});
