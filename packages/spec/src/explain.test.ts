import type { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { childrenOf, explainKey, jobSpecJsonSchema } from './explain.js';
import { readYaml } from './read-yaml.js';
import { jobSpecSchema } from './schema.js';

function fixOf(path: string): string {
  try {
    explainKey(path);
  } catch (thrown) {
    return (thrown as LockstepError).fix;
  }
  throw new Error(`${path} is known`);
}

/** Every path of the spec. */
function everyPath(parts: readonly string[] = []): (readonly string[])[] {
  return childrenOf(parts).flatMap((child) => [child, ...everyPath(child)]);
}

describe('explain', () => {
  it('shows a value with type, default and example', () => {
    expect(explainKey('train.batchSize')).toMatchObject({
      type: 'a whole number from 1 to 10000000 or full',
      default: '32',
      required: false,
      example: 'train: { batchSize: 32 }',
      children: [],
    });
    expect(explainKey('train.loss')).toMatchObject({
      required: true,
      default: '',
      allowed: expect.arrayContaining(['mse']),
    });
  });

  it('shows what is below a key', () => {
    const names = (path: string): (string | undefined)[] =>
      explainKey(path).children.map((child) => child.path.split('.').at(-1));
    expect(names('')).toEqual(['apiVersion', 'name', 'data', 'split', 'preprocess', 'model', 'train', 'run']);
    expect(names('data.split'.split('.')[1] ?? '')).toEqual([
      'test',
      'validation',
      'seed',
      'stratify',
      'groupBy',
      'orderBy',
    ]);
    expect(names('train.optimizer')).toEqual(['sgd', 'adam', 'adamw', 'rmsprop']);
    expect(names('train.optimizer.adam')).toEqual(['learningRate', 'beta1', 'beta2', 'epsilon']);
    expect(names('model')).toEqual(['dense', 'dropout', 'relu', 'sigmoid', 'tanh', 'softmax']);
    expect(names('preprocess.columns')).toEqual([
      ...['missing', 'fill', 'indicator', 'outliers', 'scale', 'encode', 'dateParts', 'unknown', 'minFrequency'],
    ]);
  });

  it('takes list positions and names of columns', () => {
    expect(explainKey('model[0].dense.units').path).toBe('model.dense.units');
    expect(explainKey('model.0.dense.units').path).toBe('model.dense.units');
    expect(explainKey('preprocess.columns["a b"].scale')).toMatchObject({
      allowed: ['standard', 'minMax', 'robust', 'quantile', 'quantileNormal', 'none'],
    });
  });

  it('leads from an unknown key to the nearest one, here or elsewhere', () => {
    expect(fixOf('train.optimzer')).toMatch(/train\.optimizer\?/);
    expect(fixOf('train.optimizer.adm.beta1')).toMatch(/train\.optimizer\.adam\?/);
    expect(fixOf('train.lr')).toMatch(/learningRate\?/);
    expect(fixOf('epochs')).toMatch(/train\.epochs\?/);
    expect(fixOf('data.split')).toMatch(/Did you mean split\?/);
    expect(fixOf('train.xyzzyxyzzy')).toMatch(/Keys of train: loss, optimizer/);
    for (const path of [
      'constructor',
      'train.toString',
      'model.constructor',
      '__proto__',
      '[',
      'a..b',
      'x'.repeat(10_000),
    ]) {
      expect(fixOf(path)).not.toBe('');
    }
  });

  it('documents every key, with an example that is valid at its place', () => {
    const paths = everyPath();
    expect(paths.length).toBeGreaterThan(60);
    for (const parts of paths) {
      const { description, example, path } = explainKey(parts.join('.'));
      expect(description, path).not.toBe('');
      const value = JSON.parse(JSON.stringify(readYaml(example).value)) as Record<string, unknown>;
      const issues = jobSpecSchema.safeParse(value).error?.issues ?? [];
      const wrong = issues.filter(({ path: at, code }) => code === 'unrecognized_keys' || at[0] === parts[0]);
      // An example shows one key; other required ones are absent.
      const real = wrong.filter((issue) => at(value, issue.path) !== undefined);
      expect(real, `${path}: ${example}`).toEqual([]);
    }
  });
});

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);
}

it('the JSON Schema refuses unknown keys and carries the documentation', () => {
  const schema = jobSpecJsonSchema() as {
    title: string;
    required: string[];
    additionalProperties: boolean;
    properties: Record<string, { description?: string }>;
  };
  expect(schema).toMatchObject({ title: 'Lockstep job spec', additionalProperties: false });
  expect(schema.required.sort()).toEqual(['data', 'model', 'train']);
  expect(schema.properties.train?.description).toMatch(/trained/);
});
