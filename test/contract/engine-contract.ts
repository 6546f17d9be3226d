/** What every engine adapter has to do; each adapter runs this one suite. */
import { createEngine, type Engine, identifyNumerics, OPTIMISATIONS, type TfjsBackend } from '@lockstep/engine';
import { describe, expect, it } from 'vitest';
import { oneUlpOff } from '../support/altered-engine.ts';
import { affineModel, FOREIGN_MODELS, rowSumModel, slowModel, typesModel } from './engine-models.ts';
import { refusalRules } from './engine-refusals.ts';
import { ALL_NULL, affineFeeds, bitsOf, failure, open, pattern, tensor, typedFeeds } from './engine-tensors.ts';

/** An engine under test and the rules it cannot keep, each with the reason. */
export interface EngineCase {
  readonly engine: 'onnxruntime' | 'tfjs';
  readonly adapter: 'c-api' | 'binding';
  /** Of TensorFlow.js. */
  readonly backend?: TfjsBackend;
  /** @default 'cpu' */
  readonly device?: 'cpu' | 'webgpu';
  readonly skips: Readonly<Partial<Record<'event loop', string>>>;
}

/** What no backend of TensorFlow.js keeps. */
export const TFJS_SKIPS = { 'event loop': 'TensorFlow.js computes on the JavaScript thread' } as const;

const BOUNDARY_ELEMENTS = 16;

/** Declares the suite for one adapter. */
export function describeEngine(engineCase: EngineCase): void {
  const { engine: name, adapter, backend = 'cpu', device = 'cpu', skips } = engineCase;
  describe(`engine ${name} ${name === 'tfjs' ? backend : adapter} ${device}`, async () => {
    const engine = await createEngine({ engine: name, adapter, backend, device });
    describe('memory', () => memoryRules(engine));
    describe('tensors', () => tensorRules(engine));
    describe('memory that comes again', () => reuseRules(engine));
    describe('refusals of a run', () => refusalRules(engine));
    describe('models', () => modelRules(engine, engineCase));
    describe('order and release', () => orderRules(engine, skips));
  });
}

function memoryRules(engine: Engine): void {
  it('allocates zeroed memory that an aligned run accepts, at any length', async () => {
    const session = await open(engine, rowSumModel(1));
    for (const count of [0, 1, 3, 15, 16, 17, 1000, 100_003]) {
      const data = engine.allocate('float32', count);
      expect(data).toHaveLength(count);
      expect(data.every((value) => value === 0)).toBe(true);
      const sum = engine.allocate('float32', count);
      // Only data on the boundary may be written in place.
      await session.run({ x: tensor('float32', [count, 1], data) }, { sum: tensor('float32', [count], sum) });
    }
    expect(engine.allocate('float64', 5)).toBeInstanceOf(Float64Array);
    expect(engine.allocate('int64', 5)).toBeInstanceOf(BigInt64Array);
  });

  it('gives the same bits for an input off the boundary as for one on it', async () => {
    const session = await open(engine, rowSumModel(61));
    const data = pattern(engine, 64 * 61);
    const { sum: expected } = await session.run({ x: tensor('float32', [64, 61], data) }, { sum: null });
    for (const shift of [1, 2, 3, 5]) {
      const moved = new Float32Array(data.length + shift).subarray(shift);
      moved.set(data);
      const { sum } = await session.run({ x: tensor('float32', [64, 61], moved) }, { sum: null });
      expect(bitsOf(sum?.data)).toEqual(bitsOf(expected?.data));
    }
  });
}

function tensorRules(engine: Engine): void {
  it('says the names, types and shapes of inputs and outputs', async () => {
    const session = await open(engine, typesModel());
    expect(session.inputs.map(({ name, type, shape }) => ({ name, type, shape }))).toEqual([
      { name: 'single', type: 'float32', shape: [-1, 2] },
      { name: 'double', type: 'float64', shape: [-1] },
      { name: 'long', type: 'int64', shape: [-1] },
      { name: 'int', type: 'int32', shape: [-1] },
      { name: 'byte', type: 'uint8', shape: [-1] },
      { name: 'flag', type: 'bool', shape: [-1] },
      { name: 'text', type: 'string', shape: [-1, 1] },
    ]);
    expect(session.outputs.map(({ name }) => name)).toEqual(Object.keys(ALL_NULL));
  });

  it('carries every element type in and out', async () => {
    const session = await open(engine, typesModel());
    const outputs = await session.run(typedFeeds(3), ALL_NULL);
    expect(outputs.single_out).toMatchObject({ type: 'float32', shape: [3, 2] });
    expect(outputs.single_out?.data).toEqual(Float32Array.of(2, 4, 6, 2, 4, 6));
    expect(outputs.double_out?.data).toEqual(Float64Array.of(1.1 * 1.1, 2.1 * 2.1, 3.1 * 3.1));
    expect(outputs.long_out?.data).toEqual(BigInt64Array.of(2n ** 61n + 2n, 2n ** 61n + 4n, 2n ** 61n + 6n));
    expect(outputs.int_out?.data).toEqual(Int32Array.of(-2, -4, -6));
    expect(outputs.byte_out?.data).toEqual(Uint8Array.of(254, 253, 252));
    expect(outputs.flag_out).toMatchObject({ type: 'bool', data: Uint8Array.of(0, 1, 0) });
    expect(outputs.text_out).toMatchObject({ type: 'string', shape: [3, 1], data: ['plain', 'Zoë 🚂', ''] });
  });

  it('carries batches without rows', async () => {
    const session = await open(engine, typesModel());
    const single = engine.allocate('float32', 0);
    const outputs = await session.run(typedFeeds(0), { ...ALL_NULL, single_out: tensor('float32', [0, 2], single) });
    expect(outputs.single_out?.data).toBe(single);
    expect(outputs.double_out).toMatchObject({ shape: [0], data: new Float64Array(0) });
    expect(outputs.text_out).toMatchObject({ shape: [0, 1], data: [] });
  });

  it('gives only the outputs asked for', async () => {
    const session = await open(engine, typesModel());
    expect(Object.keys(await session.run(typedFeeds(2), { int_out: null }))).toEqual(['int_out']);
  });

  it('writes outputs in place, at 64-byte offsets inside one flat vector, and nothing beside them', async () => {
    const session = await open(engine, affineModel());
    const flat = engine.allocate('float32', 5 * BOUNDARY_ELEMENTS).fill(-7);
    const y = tensor('float32', [3, 16], flat.subarray(BOUNDARY_ELEMENTS, 4 * BOUNDARY_ELEMENTS));
    const feeds = affineFeeds(engine, 3);
    const outputs = await session.run(feeds, { y });
    expect(outputs.y).toBe(y);
    const { y: fresh } = await session.run(feeds, { y: null });
    expect(bitsOf(y.data)).toEqual(bitsOf(fresh?.data));
    expect(new Set([...flat.subarray(0, 16), ...flat.subarray(64)])).toEqual(new Set([-7]));
  });

  it('keeps what an earlier run gave when the next one runs', async () => {
    const session = await open(engine, affineModel());
    const { y } = await session.run(affineFeeds(engine, 2), { y: null });
    const before = bitsOf(y?.data);
    await session.run(
      { ...affineFeeds(engine, 2), x: tensor('float32', [2, 16], engine.allocate('float32', 32)) },
      { y: null },
    );
    expect(bitsOf(y?.data)).toEqual(before);
  });
}

function reuseRules(engine: Engine): void {
  it('sees new contents of the same memory', async () => {
    const session = await open(engine, rowSumModel(2));
    const data = engine.allocate('float32', 4);
    const sum = engine.allocate('float32', 2);
    for (const value of [1, 2, 3]) {
      data.fill(value);
      await session.run({ x: tensor('float32', [2, 2], data) }, { sum: tensor('float32', [2], sum) });
      expect(Array.from(sum)).toEqual([2 * value, 2 * value]);
    }
  });

  it('tells views of one buffer apart by place, length and shape', async () => {
    const session = await open(engine, rowSumModel(2));
    const data = engine.allocate('float32', 64);
    data.forEach((_, index) => {
      data[index] = index;
    });
    const sums = async (start: number, rows: number) => {
      const view = data.subarray(start, start + rows * 2);
      const { sum } = await session.run({ x: tensor('float32', [rows, 2], view) }, { sum: null });
      return Array.from(sum?.data as Float32Array);
    };
    expect(await sums(0, 2)).toEqual([1, 5]);
    expect(await sums(16, 2)).toEqual([33, 37]);
    expect(await sums(0, 1)).toEqual([1]);
    expect(await sums(0, 2)).toEqual([1, 5]);
  });

  it('takes turns between more buffers than it remembers, in and out', async () => {
    const session = await open(engine, rowSumModel(2));
    const buffers = Array.from({ length: 9 }, (_, index) => engine.allocate('float32', 2).fill(index));
    const results = buffers.map(() => engine.allocate('float32', 1));
    for (const round of [0, 1, 2]) {
      for (const [index, buffer] of buffers.entries()) {
        buffer[0] = round;
        const sum = results[index] as Float32Array;
        await session.run({ x: tensor('float32', [1, 2], buffer) }, { sum: tensor('float32', [1], sum) });
        expect(sum[0]).toBe(round + index);
      }
    }
  });
}

function modelRules(engine: Engine, { engine: name, adapter, device = 'cpu' }: EngineCase): void {
  it('refuses bytes that are no model', async () => {
    const whole = typesModel();
    const broken = [
      new Uint8Array(0),
      Uint8Array.from([1, 2, 3]),
      whole.subarray(0, whole.length >> 1),
      Buffer.from('{}'),
    ];
    for (const bytes of broken) {
      expect(await failure(engine.createSession(bytes))).toMatchObject({ code: 'ENGINE_LOAD_FAILED', field: 'model' });
    }
  });

  it.each(Object.entries(FOREIGN_MODELS))(
    'refuses a model whose output the port does not carry: %s',
    async (why, text) => {
      const error = await failure(engine.createSession(Buffer.from(text, 'base64')));
      expect(error.code).toBe('ENGINE_LOAD_FAILED');
      expect(error.message).toMatch(new RegExp(`^[xy].*${why}`));
    },
  );

  it('names its numeric class by engine, version, provider, adapter, instructions, threads, level and golden lanes', async () => {
    const { name, version, provider, adapter } = engine.description;
    const hash = '[0-9a-f]{8}';
    const gpu = provider === 'cpu' ? '' : 'gpu=[^/]+/';
    const rest = `${gpu}threads=2/opt=all/denormals=(kept|flushed)/golden=${hash}-${hash}-${hash}`;
    const { numericClass, reproducible } = await identifyNumerics(engine, 2);
    expect(numericClass).toMatch(new RegExp(`^${name}-${version}/${provider}/${adapter}/[a-z0-9-]+/${rest}$`));
    expect(reproducible).toBe(true);
    expect((await identifyNumerics(engine, 1)).numericClass).toContain('/threads=1/');
  });

  it('is of another class at each level of optimisation, and when one output is one unit off in the last place', async () => {
    const levels = OPTIMISATIONS.filter((optimisation) => optimisation !== 'all');
    const others = await Promise.all(
      levels.map((optimisation) => createEngine({ engine: name, adapter, device, optimisation })),
    );
    const engines = [engine, ...others, oneUlpOff(engine)];
    const classes: string[] = [];
    for (const one of engines) classes.push((await identifyNumerics(one, 1)).numericClass);
    expect(new Set(classes).size).toBe(engines.length);
    // An altered engine fails the probe of subnormals too, so only what comes before it is the same.
    const [own, altered] = [classes[0], classes.at(-1)].map((text) => text?.split('/denormals=')[0]);
    expect(altered).toBe(own);
  });
}

function orderRules(engine: Engine, skips: EngineCase['skips']): void {
  it('runs one after the other in the order asked', async () => {
    const session = await open(engine, rowSumModel(1));
    const sum = engine.allocate('float32', 1);
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const x = tensor('float32', [1, 1], engine.allocate('float32', 1).fill(index));
        await session.run({ x }, { sum: tensor('float32', [1], sum) });
        return sum[0];
      }),
    );
    expect(results).toEqual(results.map((_, index) => index));
  });

  it('gives the same bits on both threads and with two sessions at once', async () => {
    const size = 256;
    const x = tensor('float32', [size, size], pattern(engine, size * size));
    const [left, right] = [await open(engine, slowModel(size)), await open(engine, slowModel(size))];
    const runs: (readonly number[])[] = [];
    for (let round = 0; round < 6; round += 1) {
      const both = await Promise.all([left, right].map((session) => session.run({ x }, { y: null })));
      runs.push(...both.map(({ y }) => bitsOf(y?.data)));
    }
    for (const bits of runs) expect(bits).toEqual(runs[0]);
  });

  it.skipIf(skips['event loop'])('leaves the event loop free in the first run and in long ones', async () => {
    const session = await open(engine, slowModel(768));
    const x = tensor('float32', [768, 768], pattern(engine, 768 * 768));
    const turns: boolean[] = [];
    for (let round = 0; round < 4; round += 1) {
      let turned = false;
      setImmediate(() => {
        turned = true;
      });
      await session.run({ x }, { y: null });
      turns.push(turned);
    }
    expect([turns[0], turns[3]]).toEqual([true, true]);
  });

  it('ends the runs asked for before it frees a graph, and refuses later ones', async () => {
    const session = await engine.createSession(slowModel(256));
    const x = tensor('float32', [256, 256], pattern(engine, 256 * 256));
    const { y: expected } = await session.run({ x }, { y: null });
    const runs = [session.run({ x }, { y: null }), session.run({ x }, { y: null })];
    const released = [session.release(), session.release()];
    const late = failure(session.run({ x }, { y: null }));
    for (const { y } of await Promise.all(runs)) expect(bitsOf(y?.data)).toEqual(bitsOf(expected?.data));
    expect(await late).toMatchObject({ code: 'ENGINE_RUN_FAILED', field: 'session' });
    await Promise.all(released);
    expect(await failure(session.run({ x }, { y: null }))).toMatchObject({ code: 'ENGINE_RUN_FAILED' });
  });

  it('keeps memory alive that a run in flight uses, and nothing else holds', async () => {
    const session = await open(engine, slowModel(256));
    const make = () => ({ x: tensor('float32', [256, 256], pattern(engine, 256 * 256)) });
    const { y: expected } = await session.run(make(), { y: null });
    for (let round = 0; round < 4; round += 1) {
      const run = session.run(make(), { y: null });
      for (let count = 0; count < 50; count += 1) new Float32Array(65_536).fill(count);
      expect(bitsOf((await run).y?.data)).toEqual(bitsOf(expected?.data));
    }
  });
}
