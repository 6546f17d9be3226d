import { encodeModel, GraphBuilder, verifyGraph } from '@lockstep/model';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { inputType, rawName } from './cell-format.js';
import { FeatureWriter } from './features.js';
import { fitForest } from './isolation-forest.js';
import { PLAIN_NUMBERS } from './number.js';
import {
  type ColumnPlan,
  featureNames,
  inputsOf,
  type NumberColumnPlan,
  type PreprocessingPlan,
  type TextColumnPlan,
} from './plan.js';
import { addPreprocessing } from './preprocessing-graph.js';
import { fitRanks } from './quantiles.js';

const number = (parts: Partial<NumberColumnPlan> = {}): NumberColumnPlan => ({
  ...{ name: 'age', type: 'number', format: { type: 'number', ...PLAIN_NUMBERS }, fill: 3, center: 0, scale: 1 },
  ...parts,
});
const text = (parts: Partial<TextColumnPlan> = {}): TextColumnPlan => ({
  ...{ name: 'wood', type: 'text', fill: null, categories: ['elm', 'oak'], encode: 'oneHot', unknown: 'ignore' },
  ...parts,
});
const planOf = (columns: readonly ColumnPlan[], more: Partial<PreprocessingPlan> = {}): PreprocessingPlan => ({
  columns,
  label: 'y',
  labels: { trim: true, foldCase: false, onUnusable: 'fail' as const },
  nulls: [''],
  numbers: PLAIN_NUMBERS,
  ...more,
});

/** What the model is given for a row, by position in the plan's columns. */
type RawRow = readonly (number | string)[];

function inJavaScript(plan: PreprocessingPlan, rows: readonly RawRow[]): number[] {
  const raw = plan.columns.map((column, index) => {
    const cells = rows.map((row) => row[index]!);
    return inputType(column) === 'float64' ? Float64Array.from(cells as number[]) : (cells as string[]);
  });
  return [...new FeatureWriter(plan).write(raw, rows.length)];
}

async function inOnnx(plan: PreprocessingPlan, rows: readonly RawRow[]): Promise<number[]> {
  const builder = new GraphBuilder('preprocessing');
  const features = addPreprocessing(builder, plan);
  builder.output('features', 'float32', ['N', featureNames(plan).length], features);
  verifyGraph(builder.build());
  const session = await ort.InferenceSession.create(encodeModel(builder.build()), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = inputsOf(plan).map((column) => {
    const index = plan.columns.indexOf(column);
    const cells = rows.map((row) => row[index]!);
    const shape = [rows.length, 1];
    return [
      rawName(column),
      inputType(column) === 'float64'
        ? new ort.Tensor('float64', Float64Array.from(cells as number[]), shape)
        : new ort.Tensor('string', cells as string[], shape),
    ];
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.release();
  return [...(outputs.features!.data as Float32Array)];
}

/** Features of the rows, after checking that both ways give the same bits. */
async function features(
  columns: readonly ColumnPlan[],
  rows: readonly RawRow[],
  more: Partial<PreprocessingPlan> = {},
): Promise<number[]> {
  const expected = inJavaScript(planOf(columns, more), rows);
  const found = await inOnnx(planOf(columns, more), rows);
  expect(new Uint32Array(Float32Array.from(found).buffer)).toEqual(new Uint32Array(Float32Array.from(expected).buffer));
  return expected;
}

describe('preprocessing, in JavaScript and in ONNX', () => {
  it('fills, centres and scales in float64, and rounds to float32 once', async () => {
    const columns = [number({ fill: 20, center: 10, scale: 4 })];
    expect(await features(columns, [[18], [Number.NaN], [10]])).toEqual([2, 2.5, 0]);
  });

  it('keeps milliseconds apart that float32 would throw together', async () => {
    const columns = [number({ center: 1.75e12, scale: 10_000 })];
    expect(await features(columns, [[1.75e12], [1.75e12 + 1000], [1.75e12 + 39_000]])).toEqual([
      0,
      Math.fround(0.1),
      Math.fround(3.9),
    ]);
  });

  it('leaves a missing number missing where training dropped such rows', async () => {
    expect(await features([number({ fill: null })], [[Number.NaN], [4]])).toEqual([Number.NaN, 4]);
  });

  it('leaves a missing text missing where training dropped such rows', async () => {
    const rows = [[''], ['oak'], ['yew']];
    expect(await features([text({ drop: true })], rows)).toEqual([Number.NaN, Number.NaN, 0, 1, 0, 0]);
    expect(await features([text({ drop: true, encode: 'ordinal' })], rows)).toEqual([Number.NaN, 1, -1]);
  });

  it('gives each category a column of its own, none to unknown and missing ones', async () => {
    expect(await features([text()], [['oak'], ['elm'], ['yew'], ['OAK'], ['']])).toEqual([
      0, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('gives missing text the category of its fill, or one of its own', async () => {
    expect(await features([text({ fill: 'oak' })], [[''], ['elm']])).toEqual([0, 1, 1, 0]);
    const own = text({ fill: '', categories: ['', 'elm'] });
    expect(await features([own], [[''], ['elm'], ['yew']])).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('treats missing text as an unknown category where its fill was never met', async () => {
    const columns = [text({ fill: 'missing', unknown: 'other' })];
    expect(await features(columns, [[''], ['yew'], ['oak']])).toEqual([0, 0, 1, 0, 0, 1, 0, 1, 0]);
    expect(await features([text({ fill: 'missing' })], [['']])).toEqual([0, 0]);
  });

  it('gives unknown categories a column or a position of their own under the policy other', async () => {
    expect(await features([text({ unknown: 'other' })], [['yew'], ['elm']])).toEqual([0, 0, 1, 1, 0, 0]);
    const ordinal = text({ unknown: 'other', encode: 'ordinal' });
    expect(await features([ordinal], [['yew'], ['oak'], ['elm']])).toEqual([2, 1, 0]);
  });

  it('gives ordinal categories their position, and -1 to unknown ones', async () => {
    expect(await features([text({ encode: 'ordinal' })], [['oak'], ['yew'], ['']])).toEqual([1, -1, -1]);
  });

  it('puts numbers first, then text, each in file order, and names them so', async () => {
    const columns = [
      text({ unknown: 'other' }),
      number({ name: 'b' }),
      text({ name: 'city', categories: ['', 'Oslo'], fill: '' }),
      number({ name: 'a' }),
    ];
    expect(featureNames(planOf(columns))).toEqual([
      'b',
      'a',
      'wood=elm',
      'wood=oak',
      'wood=(other)',
      'city=(missing)',
      'city=Oslo',
    ]);
    expect(await features(columns, [['oak', 7, 'Oslo', 8]])).toEqual([7, 8, 0, 1, 0, 0, 1]);
  });

  it('looks up booleans in any spelling and case; what is none counts as missing', async () => {
    const columns = [number({ name: 'active', format: { type: 'boolean' }, fill: 0.25 }), number({ name: 'size' })];
    const cells = ['true', 'FALSE', 'Yes', 'nO', '1', '0', 't', 'F', 'y', 'N', 'oN', 'OFF', '', 'maybe'];
    const found = await features(
      columns,
      cells.map((cell) => [cell, 7]),
    );
    expect(found.filter((_, index) => index % 2 === 0)).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0.25, 0.25]);
  });

  it('takes every part of a date from one input, on the clocks of its zone', async () => {
    const parts = ['timestamp', 'year', 'month', 'dayOfMonth', 'dayOfWeek', 'hour'] as const;
    const columnsIn = (timeZone: string) =>
      parts.map((part) => {
        const format = { type: 'date', column: 'at', part, pattern: 'iso', timeZone } as const;
        return number({ name: `at.${part}`, format, fill: 0 });
      });
    const noon = Date.UTC(2024, 1, 29, 12);
    const row = (ms: number) => parts.map(() => ms);
    expect(await features(columnsIn('UTC'), [row(noon)])).toEqual([Math.fround(noon), 2024, 2, 29, 4, 12]);
    const changes = [Date.UTC(2025, 2, 30, 1) - 1, Date.UTC(2025, 2, 30, 1), Date.UTC(2025, 9, 26, 1), -1, Number.NaN];
    const berlin = await features(columnsIn('Europe/Berlin'), changes.map(row));
    expect([5, 11, 17, 23, 29].map((at) => berlin[at])).toEqual([1, 3, 2, 0, 0]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -2e12, max: 4e12 }), { minLength: 1, maxLength: 50 }),
        async (all) => {
          await features(columnsIn('America/New_York'), all.map(row));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('agrees to the bit for any numbers that are not next to nothing', async () => {
    // ONNX Runtime takes subnormal numbers for 0 on some machines.
    const value = fc.double({ min: -1e15, max: 1e15 }).map((drawn) => (Math.abs(drawn) < 1e-20 ? 0 : drawn));
    const scale = fc.double({ min: 1e-6, max: 1e15, noNaN: true });
    const rows = fc.array(value, { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(rows, value, scale, async (values, center, spread) => {
        const column = number({ center: Number.isNaN(center) ? 0 : center, scale: spread, fill: 0.1 });
        const cells = values.map((cell) => [cell]);
        await features([column], cells);
      }),
      { numRuns: 50 },
    );
  });

  it('cuts to bounds before anything else, and leaves missing cells missing for the fill', async () => {
    const columns = [number({ clip: { lower: -1, upper: 2 }, fill: 9 }), number({ name: 'b', fill: null })];
    const rows = [
      [-5, -5],
      [7, 7],
      [1, 1],
      [Number.NaN, Number.NaN],
    ];
    expect(await features(columns, rows)).toEqual([-1, -5, 2, 7, 1, 1, 9, Number.NaN]);
  });

  it('says in features of their own, after all others, what is missing and what is an outlier', async () => {
    const columns = [
      text({ indicator: true }),
      number({ flag: { lower: 0, upper: 10 }, indicator: true }),
      number({ name: 'b' }),
      number({ name: 'c', flag: { lower: 0, upper: 10 } }),
    ];
    expect(featureNames(planOf(columns))).toEqual([
      ...['age', 'b', 'c', 'wood=elm', 'wood=oak'],
      ...['age=(missing)', 'wood=(missing)', 'age=(outlier)', 'c=(outlier)'],
    ]);
    const rows = [
      ['oak', 11, 2, 10],
      ['', Number.NaN, Number.NaN, -1],
    ];
    expect(await features(columns, rows)).toEqual([11, 2, 10, 0, 1, 0, 0, 1, 0, 3, 3, -1, 0, 0, 1, 1, 0, 1]);
  });

  it('makes rare categories one, which unknown ones may join', async () => {
    const rare = text({ rare: ['ash', 'yew'] });
    const rows = [['oak'], ['ash'], ['yew'], ['teak'], ['']];
    expect(featureNames(planOf([rare]))).toEqual(['wood=elm', 'wood=oak', 'wood=(rare)']);
    expect(await features([rare], rows)).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const ordinal = text({ rare: ['ash', 'yew'], encode: 'ordinal' });
    expect(await features([{ ...ordinal, unknown: 'rare' }], rows)).toEqual([1, 2, 2, 2, 2]);
    expect(await features([{ ...ordinal, unknown: 'other' }], rows)).toEqual([1, 2, 2, 3, 3]);
    expect(await features([text({ encode: 'ordinal', unknown: 'rare' })], [['teak']])).toEqual([-1]);
  });

  it('scales by rank among other columns, beyond the ends, at ties and where a value is missing', async () => {
    const sorted = Float64Array.from([1, 1, 2, 3, 3, 3, 10]);
    const columns = [
      number({ name: 'a' }),
      number({ ranks: fitRanks(sorted, false), fill: null }),
      number({ name: 'c', ranks: fitRanks(Float64Array.of(7), false) }),
    ];
    const rows = [0, 1, 2, 3, 6.5, 10, 1e300, Number.NaN].map((value) => [5, value, value]);
    const found = await features(columns, rows);
    const shares = [0, 0, 2 / 6, 4 / 6, 11 / 12, 1, 1, Number.NaN].map(Math.fround);
    expect(found.filter((_, index) => index % 3 === 1)).toEqual(shares);
    expect(found.filter((_, index) => index % 3 === 0)).toEqual(new Array(8).fill(5));
  });

  it('scales by rank to the bits, for any values', async () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((drawn) => (Math.abs(drawn) < 1e-20 ? 0 : drawn));
    const values = fc.array(fc.oneof(value, fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(values, values, async (fitted, asked) => {
        const column = number({ ranks: fitRanks(Float64Array.from(fitted).sort(), false) });
        await features(
          [column],
          [...fitted, ...asked].map((cell) => [cell]),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('scales by rank to a normal distribution, to 1e-6: logarithms are those of the runtime', async () => {
    const sorted = Float64Array.from({ length: 1500 }, (_, index) => index ** 2);
    const plan = planOf([number({ ranks: fitRanks(sorted, true), fill: null })]);
    const rows = Array.from({ length: 300 }, (_, index) => [index * 7500 - 10]);
    const found = await inOnnx(plan, [...rows, [Number.NaN]]);
    inJavaScript(plan, [...rows, [Number.NaN]]).forEach((expected, index) => {
      if (index === rows.length) expect([expected, found[index]]).toEqual([Number.NaN, Number.NaN]);
      else expect(found[index]).toBeCloseTo(expected, 6);
    });
    expect(found[0]).toBeCloseTo(-5.199337582, 6);
  });

  it('fills missing numbers from the nearest rows, of equally near ones from the first', async () => {
    const columns = ['a', 'b', 'c'].map((name) => number({ name, fill: 50 }));
    const neighbors = {
      ...{ count: 2, columns: ['a', 'b', 'c'], deviations: [1, 2, 1], filled: ['a', 'c'] },
      rows: [
        [1, 10, 100],
        [2, 10, 200],
        [3, 10, null],
        [null, 90, 900],
      ],
    };
    const rows = [
      [Number.NaN, 10, Number.NaN],
      [3, 10, Number.NaN],
      [Number.NaN, Number.NaN, Number.NaN],
      [5, Number.NaN, 7],
    ];
    expect(await features(columns, rows, { neighbors })).toEqual([1.5, 10, 150, 3, 10, 150, 50, 50, 50, 5, 50, 7]);
  });

  it('fills from neighbors to the bits, for any values', async () => {
    const cell = fc.option(fc.double({ min: -100, max: 100, noNaN: true }).map((value) => Math.fround(value)));
    const row = fc.tuple(cell, cell, cell);
    const rows = fc.array(row, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 7 }), async (reference, asked, count) => {
        const columns = ['a', 'b', 'c'].map((name) => number({ name }));
        const names = ['a', 'b', 'c'];
        const neighbors = { count, columns: names, deviations: [1, 3, 0.7], filled: ['a', 'c'], rows: reference };
        const cells = asked.map((values) => values.map((value) => value ?? Number.NaN));
        await features(columns, cells, { neighbors });
      }),
      { numRuns: 30 },
    );
  });

  it('flags rows that a forest isolates, to the row', async () => {
    const count = 400;
    const at = (index: number, step: number): number => ((index * step) % 97) / 10;
    const columns = [3, 5].map((step) => Float64Array.from({ length: count }, (_, index) => at(index, step)));
    const forest = fitForest({ names: ['a', 'b'], columns, fill: [4, 4], seed: 7, threshold: 0.5 });
    const rows = Array.from({ length: count }, (_, index) => [columns[0]![index]!, 1, columns[1]![index]!]);
    const found = await features(
      [number({ name: 'a' }), number({ name: 'x' }), number({ name: 'b' })],
      [...rows, [40, 1, -40], [Number.NaN, 1, Number.NaN]],
      { forest },
    );
    const flags = found.filter((_, index) => index % 4 === 3);
    expect(flags.slice(-2)).toEqual([1, 0]);
    expect(flags.filter((flag) => flag === 1).length).toBeGreaterThan(20);
    expect(flags.filter((flag) => flag === 0).length).toBeGreaterThan(100);
  });
});
