import { encodeModel, GraphBuilder } from '@lockstep/model';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { inputType, rawName } from './cell-format.js';
import { FeatureWriter, type RawRow } from './features.js';
import { PLAIN_NUMBERS } from './number.js';
import { type ColumnPlan, featureNames, inputsOf, type NumberColumnPlan, type TextColumnPlan } from './plan.js';
import { addPreprocessing } from './preprocessing-graph.js';

const number = (parts: Partial<NumberColumnPlan> = {}): NumberColumnPlan => ({
  ...{ name: 'age', type: 'number', format: { type: 'number', ...PLAIN_NUMBERS }, fill: 3, center: 0, scale: 1 },
  ...parts,
});
const text = (parts: Partial<TextColumnPlan> = {}): TextColumnPlan => ({
  ...{ name: 'wood', type: 'text', fill: null, categories: ['elm', 'oak'], encode: 'oneHot', unknown: 'ignore' },
  ...parts,
});
const planOf = (columns: readonly ColumnPlan[]) => ({
  columns,
  label: 'y',
  labels: { trim: true, foldCase: false, onUnusable: 'fail' as const },
  nulls: [''],
  numbers: PLAIN_NUMBERS,
});

function inJavaScript(columns: readonly ColumnPlan[], rows: readonly RawRow[]): number[] {
  const writer = new FeatureWriter(planOf(columns));
  const out = new Float32Array(rows.length * writer.width);
  rows.forEach((row, index) => {
    writer.write(row, out, index * writer.width);
  });
  return [...out];
}

async function inOnnx(columns: readonly ColumnPlan[], rows: readonly RawRow[]): Promise<number[]> {
  const builder = new GraphBuilder('preprocessing');
  const features = addPreprocessing(builder, planOf(columns));
  builder.output('features', 'float32', ['N', featureNames(planOf(columns)).length], features);
  const session = await ort.InferenceSession.create(encodeModel(builder.build()), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = inputsOf(planOf(columns)).map((column) => {
    const index = columns.indexOf(column);
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
async function features(columns: readonly ColumnPlan[], rows: readonly RawRow[]): Promise<number[]> {
  const expected = inJavaScript(columns, rows);
  const found = await inOnnx(columns, rows);
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
});
