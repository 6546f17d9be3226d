import type { ResolvedJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { uploadsOf } from './admission.js';

function filesFor(path: string, ...names: readonly string[]): readonly string[] {
  const uploads = Object.fromEntries(names.map((name) => [name, `sha-of-${name}`]));
  return uploadsOf({ data: { path } } as ResolvedJobSpec, uploads).map(({ name }) => name);
}

describe('the uploaded files of a spec', () => {
  it.each([
    ['the path itself', 'a.csv', ['b.csv', 'a.csv'], ['a.csv']],
    ['those of a folder, by name', 'parts', ['parts/b.csv', 'parts/a.csv'], ['parts/a.csv', 'parts/b.csv']],
    ['those of a folder that is written as one', './parts/', ['parts/a.csv'], ['parts/a.csv']],
    ['those of the folder of the spec', '.', ['a.csv'], ['a.csv']],
    ['those of a pattern', 'parts/*.csv', ['parts/a.csv'], ['parts/a.csv']],
  ])('are %s', (_what, path, uploads, expected) => {
    expect(filesFor(path, ...uploads)).toEqual(expected);
  });

  it.each([
    ['another file', ['b.csv'], /names the uploaded file "b.csv", which is not data.path "a.csv"/],
    ['two other files', ['a.csv.old', 'b.csv'], /names the uploaded file "a.csv.old"/],
    ['none', [], /names no uploaded file for data.path "a.csv"/],
  ])('are refused where there is %s', (_what, uploads, message) => {
    expect(() => filesFor('a.csv', ...uploads)).toThrow(message);
  });
});
