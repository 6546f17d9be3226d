import { describe, expect, it } from 'vitest';
import { numbersOf, openGraph, type Result, runGraph } from '../testing/run-graph.js';
import { allRules } from './table.js';
import {
  type CaseInput,
  differentiated,
  type FloatType,
  feedOf,
  feedsOf,
  forwardGraph,
  inputName,
  type OperatorCase,
  parametersOf,
  readCases,
} from './testing/operator-case.js';

const CASES = readCases();

/** Operators that ONNX Runtime has no float64 kernel for; differences in float32 are coarse. */
const FLOAT32_ONLY = ['Softplus'];

/** Largest error relative to max(1, |expected|). */
const TOLERANCE: Readonly<Record<FloatType, number>> = { float32: 4e-6, float64: 1e-9 };

/** Step of the finite differences, and the error they may have relative to max(1, |gradient|). */
const DIFFERENCE: Readonly<Record<FloatType, { step: number; tolerance: number }>> = {
  float32: { step: 1e-2, tolerance: 1e-2 },
  float64: { step: 1e-5, tolerance: 1e-7 },
};

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  actual.forEach((value, index) => {
    const wanted = expected[index]!;
    const error = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    expect(error, `${what}[${index}] is ${value}, not ${wanted}`).toBeLessThanOrEqual(tolerance);
  });
}

async function runCase(op: string, found: OperatorCase, float: FloatType): Promise<Readonly<Record<string, Result>>> {
  const graph = differentiated(op, found, float);
  const type = graph.inputs.find(({ name }) => name === 'seed')!.type as FloatType;
  const seed = feedOf({ shape: found.output.shape, data: found.seed }, type);
  return runGraph(graph, { ...feedsOf(found, float), seed });
}

/** Gradient of sum(seed * output) by each of some inputs, by central differences. */
async function finiteDifferences(op: string, found: OperatorCase, float: FloatType): Promise<number[][]> {
  const graph = await openGraph(forwardGraph(op, found, float));
  const feeds = feedsOf(found, float);
  const { step } = DIFFERENCE[float];
  const sumAt = async (index: number, place: number, change: number): Promise<number> => {
    const input = found.inputs[index]!;
    const data = input.data.map((value, at) => (at === place ? value + change : value));
    const results = await graph.run({ ...feeds, [inputName(index)]: feedOf({ ...input, data }, float) });
    return numbersOf(results, 'out').reduce((sum, value, at) => sum + value * found.seed[at]!, 0);
  };
  try {
    const gradients: number[][] = [];
    for (const index of parametersOf(found)) {
      const gradient: number[] = [];
      for (const place of found.inputs[index]!.data.keys()) {
        gradient.push(((await sumAt(index, place, step)) - (await sumAt(index, place, -step))) / (2 * step));
      }
      gradients.push(gradient);
    }
    return gradients;
  } finally {
    await graph.close();
  }
}

/** Whether a case casts to the other float type, so that one of the two is float32. */
const isMixed = (found: OperatorCase): boolean =>
  Object.values(found.attributes ?? {}).some((value) => 'elementType' in value && value.elementType === 'other');

describe.each(CASES)('the gradient of %s', (op, cases) => {
  const named = cases.map((found) => [found.name, found] as const);
  const precise: FloatType = FLOAT32_ONLY.includes(op) ? 'float32' : 'float64';

  it.each(named)('is what the case says: %s', async (_, found) => {
    for (const float of new Set<FloatType>(['float32', precise])) {
      const results = await runCase(op, found, float);
      const tolerance = TOLERANCE[isMixed(found) ? 'float32' : float];
      expect(results.out?.shape).toEqual(found.output.shape);
      expectClose(numbersOf(results, 'out'), found.output.data, tolerance, `out in ${float}`);
      for (const index of parametersOf(found)) {
        const name = `gradient/${inputName(index)}`;
        expect(results[name]?.shape).toEqual(found.inputs[index]!.shape);
        expectClose(numbersOf(results, name), found.gradients[index]!, tolerance, `${name} in ${float}`);
      }
    }
  });

  it('is what finite differences say of the operator as it runs', async () => {
    for (const found of cases.filter(({ kink }) => kink === undefined)) {
      const { tolerance } = DIFFERENCE[precise];
      if (isMixed(found)) continue;
      const differences = await finiteDifferences(op, found, precise);
      parametersOf(found).forEach((index, at) => {
        expectClose(found.gradients[index]!, differences[at]!, tolerance, `${found.name}, ${inputName(index)}`);
      });
    }
  });
});

describe('a rule', () => {
  const ends = allRules()
    .filter(({ outcome }) => outcome === 'rule')
    .flatMap(({ op, opsets }) => opsets.map((opset) => [op, opset] as const));

  /** ReduceMean has other inputs since 18, so that its cases for 17 do not hold there. */
  const formOf = (op: string, opset: number): number => (op === 'ReduceMean' && opset >= 18 ? 18 : 17);

  it.each(ends)('for %s holds in opset %i, where its range ends', async (op, opset) => {
    const cases = CASES.find(([name]) => name === op)![1];
    const found = cases.find((candidate) => (candidate.opset ?? 17) === formOf(op, opset))!;
    const results = await runCase(op, { ...found, opset }, 'float32');
    for (const index of parametersOf(found)) {
      expectClose(numbersOf(results, `gradient/${inputName(index)}`), found.gradients[index]!, TOLERANCE.float32, op);
    }
  });
});

describe('the cases', () => {
  const inputsOf = (cases: readonly OperatorCase[]): CaseInput[] =>
    cases.flatMap(({ inputs }) => inputs.filter((input) => input !== null));

  it('exist for every operator that has a rule', () => {
    const rules = allRules().filter(({ outcome }) => outcome === 'rule');
    expect(CASES.map(([op]) => op).sort()).toEqual([...new Set(rules.map(({ op }) => op))].sort());
  });

  it.each(CASES)('of %s include one without any element and one of a size known only at run time', (_, cases) => {
    expect(inputsOf(cases).some(({ shape }) => shape.includes(0))).toBe(true);
    expect(inputsOf(cases).some(({ declared }) => declared?.includes('N'))).toBe(true);
  });

  it.each(FLOAT32_ONLY)('run %s in float32 only because it does not run in float64', async (op) => {
    const [first] = CASES.find(([name]) => name === op)![1];
    await expect(runGraph(forwardGraph(op, first!, 'float64'), feedsOf(first!, 'float64'))).rejects.toThrow(
      'Could not find an implementation',
    );
  });
});
