/**
 * Runs an engine for long under forced garbage collection and watches its memory and its bits:
 * `npm run soak:engine -- [--runs 100000] [--adapter c-api|binding] [--engine tfjs [--backend tensorflow|cpu]]`. Fails where the resident memory grows by 5 % or
 * more after the warm-up, or where a run gives other bits than the first.
 */
import { parseArgs } from 'node:util';
import { createEngine } from '@lockstep/engine';
import { attribute, encodeModel, GraphBuilder, initializeParameters, planModel } from '@lockstep/model';

const MAX_GROWTH = 0.05;
const WARM_UP = 0.2;
const RUNS_PER_COLLECTION = 20;
const RUNS_PER_SESSION = 1000;
const RUNS_PER_SAMPLE = 100;
const ROWS = 32;
const FEATURES = 30;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    adapter: { type: 'string', default: 'c-api' },
    engine: { type: 'string', default: 'onnxruntime' },
    backend: { type: 'string', default: 'auto' },
  },
});
const runs = Number(values.runs);
if (!globalThis.gc) throw new Error('Start node with --expose-gc.');
if (!Number.isSafeInteger(runs) || runs < 1000) throw new Error('--runs is a whole number of at least 1000.');

const engine = await createEngine({ adapter: values.adapter, engine: values.engine, backend: values.backend });
const lane = makeLane();
const text = makeText();
const long = makeLong();
const sampleCount = Math.ceil(runs / RUNS_PER_SAMPLE);
const rssMiB = new Float64Array(sampleCount);
const expected = await hashOfLane(await lane.open(), true);

let session = await lane.open();
let textSession = await text.open();
let longSession = await long.open();
const startedMs = performance.now();
for (let run = 0; run < runs; run += 1) {
  makeGarbage(run);
  const hash = await hashOfLane(session, false, run);
  if (hash !== expected) fail(`run ${run} gave ${hash}, the first gave ${expected}`);
  if (run % 10 === 0) await text.check(textSession, run);
  if (run % 50 === 0) await refusedRun(session);
  if (run % 500 === 0) await long.check(longSession);
  if (run % RUNS_PER_COLLECTION === 0) globalThis.gc();
  if (run % RUNS_PER_SESSION === 0) {
    await Promise.all([session, textSession, longSession].map((open) => open.release()));
    await refusedModel();
    [session, textSession, longSession] = [await lane.open(), await text.open(), await long.open()];
  }
  if (run % RUNS_PER_SAMPLE === 0) {
    globalThis.gc();
    rssMiB[run / RUNS_PER_SAMPLE] = process.memoryUsage.rss() / 2 ** 20;
  }
}
report((performance.now() - startedMs) / 1000);

function report(seconds) {
  const width = Math.max(1, Math.floor(sampleCount * WARM_UP));
  const before = median(rssMiB.subarray(width, 2 * width));
  const after = median(rssMiB.subarray(sampleCount - width));
  const growth = after / before - 1;
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    median(rssMiB.subarray((tenth * sampleCount) / 10, ((tenth + 1) * sampleCount) / 10)).toFixed(1),
  );
  console.log(`RSS by tenth of the runs, MiB: ${tenths.join(' ')}`);
  const { name, adapter, version } = engine.description;
  console.log(
    `${name} ${version} ${adapter}, node ${process.version}: ${runs} runs in ${seconds.toFixed(0)} s, ` +
      `RSS ${before.toFixed(1)} -> ${after.toFixed(1)} MiB (${(growth * 100).toFixed(2)} %), same bits in every run`,
  );
  if (growth >= MAX_GROWTH) fail(`the resident memory grew by ${(growth * 100).toFixed(2)} %`);
}

function fail(why) {
  console.error(`engine soak failed: ${why}`);
  process.exit(1);
}

function median(samples) {
  return [...samples].sort((left, right) => left - right)[samples.length >> 1];
}

/** Short-lived objects of all sizes, some of them over memory outside the JavaScript heap. */
function makeGarbage(run) {
  const small = Array.from({ length: 20 }, (_, index) => ({ index, view: new Float32Array(index) }));
  return [
    small,
    new Float32Array(1024 + (run % 4096)),
    Buffer.alloc(run % 10_000),
    engine.allocate('float32', run % 512),
  ];
}

/** The training graph of a small classifier, over memory that comes again and memory that is new each time. */
function makeLane() {
  const dense = (units, activation) => ({
    ...{ type: 'dense', units, activation, useBias: true },
    ...{ kernelInitializer: 'glorotUniform', biasInitializer: 'zeros' },
  });
  const layers = [dense(64, 'relu'), dense(64, 'relu'), dense(1, 'sigmoid')];
  const plan = planModel({ layers, loss: 'binaryCrossEntropy', featureWidth: FEATURES, outputWidth: 1 });
  const model = encodeModel(plan.trainingGraph);
  const first = initializeParameters(plan, 42);
  const parameters = engine.allocate('float32', first.length);
  parameters.set(first);
  const gradients = [0, 1, 2, 3, 4, 5].map(() => engine.allocate('float32', first.length));
  return { open: () => engine.createSession(model), plan, parameters, gradients };
}

function float32(shape, data) {
  return { type: 'float32', shape, data };
}

/** Hash of the loss and all gradients; every third run asks for new outputs instead of giving memory. */
async function hashOfLane(open, closes, run = 0) {
  const { plan, parameters, gradients } = lane;
  const features = engine.allocate('float32', ROWS * FEATURES);
  for (let index = 0; index < features.length; index += 1) features[index] = ((index * 7919) % 1009) / 1009 - 0.5;
  const feeds = {
    features: float32([ROWS, FEATURES], features),
    target: float32([ROWS, 1], engine.allocate('float32', ROWS).fill(1)),
    // Off the boundary now and then, so that it has to be copied.
    weight: float32(
      [ROWS, 1],
      run % 7 === 0 ? new Float32Array(ROWS + 1).subarray(1).fill(1) : engine.allocate('float32', ROWS).fill(1),
    ),
  };
  const gradient = gradients[run % gradients.length].fill(0);
  const fetches = { rowLoss: null };
  for (const { name, shape, start, length } of plan.layout.tensors) {
    feeds[name] = float32(shape, parameters.subarray(start, start + length));
    fetches[`gradient/${name}`] = run % 3 === 0 ? null : float32(shape, gradient.subarray(start, start + length));
  }
  const outputs = await open.run(feeds, fetches);
  if (closes) await open.release();
  return Object.keys(fetches).reduce((hash, name) => {
    const { buffer, byteOffset, length } = outputs[name].data;
    return new Uint32Array(buffer, byteOffset, length).reduce((sum, bits) => (Math.imul(sum, 31) + bits) | 0, hash);
  }, 0);
}

async function refusedRun(open) {
  const refused = await open.run({}, { rowLoss: null }).catch((error) => error.code);
  if (refused !== 'ENGINE_RUN_FAILED') fail(`a run without inputs gave ${refused}`);
}

async function refusedModel() {
  const refused = await engine.createSession(Buffer.from('no model')).catch((error) => error.code);
  if (refused !== 'ENGINE_LOAD_FAILED') fail(`bytes that are no model gave ${refused}`);
}

function makeText() {
  const builder = new GraphBuilder('text');
  const input = builder.input('text', 'string', ['N', 1]);
  builder.output('out', 'string', ['N', 1], input);
  const model = encodeModel(builder.build());
  return {
    open: () => engine.createSession(model),
    check: async (open, run) => {
      const data = Array.from({ length: run % 50 }, (_, row) => `row ${row} of ${run} é`.repeat(row % 4));
      const { out } = await open.run({ text: { type: 'string', shape: [data.length, 1], data } }, { out: null });
      if (out.data.join('|') !== data.join('|')) fail(`text of run ${run} came back as ${out.data.join('|')}`);
    },
  };
}

/** A graph long enough for another thread. */
function makeLong() {
  const size = 256;
  const builder = new GraphBuilder('long');
  const x = builder.input('x', 'float32', [size, size]);
  const product = builder.node('MatMul', [builder.node('MatMul', [builder.node('MatMul', [x, x]), x]), x]);
  const sum = builder.node('ReduceSum', [product], { keepdims: attribute.int(0) });
  builder.output('sum', 'float32', [], sum);
  const model = encodeModel(builder.build());
  let first = null;
  return {
    open: () => engine.createSession(model),
    check: async (open) => {
      for (let round = 0; round < 3; round += 1) {
        const data = engine.allocate('float32', size * size);
        for (let index = 0; index < data.length; index += 1) data[index] = (index % 13) / 1000;
        const running = open.run({ x: float32([size, size], data) }, { sum: null });
        globalThis.gc();
        const { sum: found } = await running;
        first ??= found.data[0];
        if (found.data[0] !== first) fail(`the long graph gave ${found.data[0]}, first ${first}`);
      }
    },
  };
}
