import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { specMarkdown } from './documentation.js';

const page = new URL('../../../docs/spec.md', import.meta.url);

it('docs/spec.md is what the schema says (UPDATE_DOCS=1 rewrites it)', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(page, specMarkdown());
  expect(readFileSync(page, 'utf8')).toBe(specMarkdown());
});
