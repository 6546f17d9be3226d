import { encodeModel, GraphBuilder } from '@lockstep/model';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { FeatureWriter, type RawRow } from './features.js';
import { type ColumnPlan, featureNames, type NumberColumnPlan, type TextColumnPlan } from './plan.js';
import { addPreprocessing } from './preprocessing-graph.js';

const number = (parts: Partial<NumberColumnPlan> = {}): NumberColumnPlan => ({
  ...{ name: 'age', type: 'number', fill: 3, center: 0, scale: 1 },
  ...parts,
});
const text = (parts: Partial<TextColumnPlan> = {}): TextColumnPlan => ({
  ...{ name: 'wood', type: 'text', fill: null, categories: ['elm', 'oak'], encode: 'oneHot', unknown: 'ignore' },
  ...parts,
});
const planOf = (columns: readonly ColumnPlan[]) => ({ columns, label: 'y', nulls: [''] });

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
  const feeds = columns.map(({ name, type }, index) => {
    const cells = rows.map((row) => row[index]!);
    const shape = [rows.length, 1];
    return [
      name,
      type === 'number'
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
