/** Settings of columns, fills and numbers that are hard to write survive in the resolved spec. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJobSpec } from './parse.js';
import { resolvedSpecYaml } from './resolved-yaml.js';
import { writtenSpecs } from './testing/written-specs.js';

it('a spec written as JSON resolves to a text that parses back to the deeply same spec', () => {
  fc.assert(
    fc.property(writtenSpecs, (written) => {
      const { spec, problems } = parseJobSpec(JSON.stringify(written));
      expect(problems).toEqual([]);
      const text = resolvedSpecYaml(spec!);
      const again = parseJobSpec(text);
      expect(again).toEqual({ spec, problems: [] });
      expect(resolvedSpecYaml(again.spec!)).toBe(text);
    }),
    { numRuns: 200 },
  );
});
