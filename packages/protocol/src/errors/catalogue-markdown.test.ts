import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { catalogueMarkdown } from './catalogue-markdown.js';

const DOCUMENT = new URL('../../../../docs/errors.md', import.meta.url);

describe('docs/errors.md', () => {
  it('is the catalogue, written out', () => {
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, catalogueMarkdown());
    expect(readFileSync(DOCUMENT, 'utf8'), 'run this test with UPDATE_DOCS=1').toBe(catalogueMarkdown());
  });

  it('has one row of six cells for each code', () => {
    const rows = catalogueMarkdown()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.split('`')[1])).toEqual(Object.keys(CATALOGUE));
    for (const row of rows) expect(row.split(/(?<!\\)\|/).length, row).toBe(8);
  });
});

describe('the catalogue', () => {
  it('has codes in upper snake case of at most 63 characters, as ErrorInfo asks', () => {
    for (const code of Object.keys(CATALOGUE)) expect(code).toMatch(/^[A-Z][A-Z0-9_]{1,61}[A-Z0-9]$/);
  });

  it('says in whole sentences what happened and what to do', () => {
    for (const [code, { message, remedy }] of Object.entries(CATALOGUE)) {
      for (const sentence of [message, remedy]) expect(sentence, code).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('gives exit code 3 only where a server may be back later or was never there', () => {
    const waiting = Object.entries(CATALOGUE).filter(([, { exit }]) => exit === 3);
    for (const [code, { status }] of waiting) {
      expect(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'FAILED_PRECONDITION'], code).toContain(status);
    }
    expect(CATALOGUE.INTERRUPTED.exit).toBe(130);
  });
});
