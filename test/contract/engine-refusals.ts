/** What an engine refuses to run, whatever the adapter: an error that names the tensor, never a crash. */
import type { Engine, EngineTensor } from '@lockstep/engine';
import { expect, it } from 'vitest';
import { affineModel, typesModel } from './engine-models.ts';
import { ALL_NULL, affineFeeds, failure, open, tensor, typedFeeds } from './engine-tensors.ts';

interface Refusal {
  readonly what: string;
  /** The tensor that the error names. */
  readonly field: string;
  /** Laid over the right feeds; null leaves an input out. */
  readonly feeds?: Readonly<Record<string, EngineTensor | null>>;
  readonly fetches?: Readonly<Record<string, EngineTensor | null>>;
}

function refusals(engine: Engine): readonly Refusal[] {
  const single = (shape: readonly number[], count: number) => tensor('float32', shape, new Float32Array(count));
  const doubles = new Float64Array(16);
  return [
    { what: 'an input that is not fed', field: 'bias', feeds: { bias: null } },
    { what: 'an unknown input', field: 'extra', feeds: { extra: single([1], 1) } },
    { what: 'another element type', field: 'x', feeds: { x: tensor('float64', [1, 16], doubles) } },
    { what: 'data of another kind than its type says', field: 'x', feeds: { x: tensor('float32', [1, 16], doubles) } },
    { what: 'another rank', field: 'x', feeds: { x: single([16], 16) } },
    { what: 'another size of a fixed dimension', field: 'x', feeds: { x: single([1, 15], 15) } },
    { what: 'fewer elements than the shape says', field: 'x', feeds: { x: single([2, 16], 16) } },
    { what: 'a negative dimension', field: 'x', feeds: { x: single([-1, 16], 0) } },
    { what: 'a broken dimension', field: 'x', feeds: { x: single([0.5, 16], 8) } },
    { what: 'an unknown output', field: 'z', fetches: { z: null } },
    { what: 'no output at all', field: 'fetches', fetches: {} },
    {
      what: 'an output of another type',
      field: 'y',
      fetches: { y: tensor('float64', [1, 16], engine.allocate('float64', 16)) },
    },
    {
      what: 'an output off the boundary',
      field: 'y',
      fetches: { y: tensor('float32', [1, 16], engine.allocate('float32', 17).subarray(1)) },
    },
  ];
}

/** Declares the refusals of one adapter. */
export function refusalRules(engine: Engine): void {
  it.each(refusals(engine))('refuses $what and names it', async ({ field, feeds = {}, fetches = { y: null } }) => {
    const session = await open(engine, affineModel());
    const given = Object.entries({ ...affineFeeds(engine, 1), ...feeds }).filter(([, value]) => value !== null);
    const error = await failure(session.run(Object.fromEntries(given) as Record<string, EngineTensor>, fetches));
    expect(error).toMatchObject({ code: 'ENGINE_RUN_FAILED', field });
    await session.run(affineFeeds(engine, 1), { y: null });
  });

  it('refuses an output whose number of rows is not the one computed, and writes nothing', async () => {
    const session = await open(engine, affineModel());
    const y = tensor('float32', [5, 16], engine.allocate('float32', 80).fill(-7));
    const error = await failure(session.run(affineFeeds(engine, 3), { y }));
    expect(error.code).toBe('ENGINE_RUN_FAILED');
    expect(error.message).toMatch(/5/);
    expect(new Set(y.data as Float32Array)).toEqual(new Set([-7]));
  });

  it('refuses text with a NUL character, which the library would cut off', async () => {
    const session = await open(engine, typesModel());
    const feeds = { ...typedFeeds(2), text: tensor('string', [2, 1], ['a', 'b\0c']) };
    expect(await failure(session.run(feeds, ALL_NULL))).toMatchObject({ code: 'ENGINE_RUN_FAILED', field: 'text' });
  });

  it('refuses data whose buffer was given away', async () => {
    const session = await open(engine, affineModel());
    const feeds = affineFeeds(engine, 1);
    await session.run(feeds, { y: null });
    const { buffer } = (feeds.x as EngineTensor).data as Float32Array<ArrayBuffer>;
    structuredClone(buffer, { transfer: [buffer] });
    expect(await failure(session.run(feeds, { y: null }))).toMatchObject({ code: 'ENGINE_RUN_FAILED', field: 'x' });
  });
}
