/** TensorBoard's file of a job: what is in it, and that it is the same after any interruption. */
import { cpSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GraphBuilder } from '@lockstep/model';
import { GRADIENT_FORMATS, LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { needsPython, pythonWith, runPython } from '../../../test/support/python.js';
import { EventFolder, findEventFile } from './adapters/event-folder.js';
import { TENSORBOARD_WAIT_MS } from './limits.js';
import { TensorBoardLog } from './tensorboard-log.js';
import { notes, onlyCheckpoint, type Run, run } from './testing/checkpointed-run.js';
import { checkpointOf } from './testing/checkpoints.js';
import { eventPoints, lasting } from './testing/event-points.js';
import type { TestWorkerOptions } from './testing/worker.js';

const MODULES = ['tensorboard'];
const python = pythonWith(MODULES);
const eventsOf = ({ folder }: Run): string => join(folder, '../events');

/** Steps 3, 6 and 9 of {@link run} end an epoch. */
const EPOCH_ENDS = [3, 6, 9];
const TENSORS = ['0_dense/kernel', '0_dense/bias', '1_dense/kernel', '1_dense/bias'];

/** What TensorBoard's loader reads. */
interface Loaded {
  readonly files: number;
  readonly events: number;
  readonly damaged: readonly string[];
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly histograms: Readonly<
    Record<string, readonly Readonly<Record<'step' | 'num' | 'min' | 'max' | 'counted', number>>[]>
  >;
  readonly graph: readonly { readonly name: string; readonly op: string; readonly input: readonly string[] }[];
}

async function loaded(folder: string): Promise<Loaded> {
  const script = resolve(import.meta.dirname, '../../../test/reference/tensorboard_events.py');
  return JSON.parse(await runPython({ python: python ?? '', script, args: [folder] })) as Loaded;
}

it('holds training up for no longer than a stated time where its disk hangs', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const hangs = (): Promise<void> => new Promise(() => {});
  const failed: string[] = [];
  const log = new TensorBoardLog({
    file: { goOnFrom: hangs, append: hangs, sync: hangs, close: hangs },
    clock: { nowMs: () => 0, unixSeconds: () => 0 },
    ...{
      layout: { tensors: [], elementCount: 0 },
      graph: new GraphBuilder('g').build(),
      format: GRADIENT_FORMATS.float32,
    },
    ...{ perEpoch: 1, epochs: 1, histogramEveryEpochs: 0, from: { step: 0, epochs: 0 } },
    onFailed: ({ message }) => failed.push(message),
  });
  const kept: number[] = [];
  const store = log.before({
    save: async ({ step }) => void kept.push(step),
    newest: async () => null,
    keep: async () => {},
  });
  const saved = store.save(checkpointOf(1));
  await vi.advanceTimersByTimeAsync(TENSORBOARD_WAIT_MS);
  await saved;
  await store.save(checkpointOf(2));
  await log.close();
  expect(kept).toEqual([1, 2]);
  expect(failed).toEqual(['The disk has not answered for 5 s.']);
});

describe("TensorBoard's file", () => {
  it('has every step, epoch and test metric, and histograms of parameters and gradients', async () => {
    const straight = await run();
    const points = await eventPoints(eventsOf(straight));
    const steps = (tag: string): number[] => points.filter((point) => point.tag === tag).map(({ step }) => step);
    for (const tag of ['loss/batch', 'learning_rate', 'rows_per_second'])
      expect(steps(tag)).toEqual(Array.from({ length: 9 }, (_, step) => step + 1));
    for (const tag of ['loss/train', 'accuracy/train', 'loss/validation', 'accuracy/validation', 'epoch/seconds'])
      expect(steps(tag)).toEqual(EPOCH_ENDS);
    for (const tensor of TENSORS)
      for (const kind of ['parameters', 'gradients']) expect(steps(`${kind}/${tensor}`)).toEqual(EPOCH_ENDS);
    const { testMetrics = {} } = straight.job.result ?? {};
    for (const [name, value] of Object.entries(testMetrics))
      expect(points).toContainEqual({ tag: `${name}/test`, step: 9, value: Math.fround(value) });
    expect(points.at(-1)?.tag).toMatch(/\/test$/);
  });

  const title = python ? '' : ` (${needsPython(MODULES)})`;

  it.skipIf(!python)(`is what TensorBoard's own loader reads${title}`, async () => {
    const straight = await run();
    const points = await eventPoints(eventsOf(straight));
    const { scalars, histograms, graph, damaged, files } = await loaded(eventsOf(straight));
    expect({ damaged, files }).toEqual({ damaged: [], files: 1 });
    const read = [
      ...Object.entries(scalars).flatMap(([tag, values]) => values.map(([step, value]) => ({ tag, step, value }))),
      ...Object.entries(histograms).flatMap(([tag, all]) => all.map(({ step, num }) => ({ tag, step, value: num }))),
    ];
    expect(lasting(read).sort()).toEqual(lasting(points).sort());
    for (const { num, counted, min, max } of Object.values(histograms).flat()) {
      expect(counted).toBe(num);
      expect(min).toBeLessThanOrEqual(max);
    }
    expect(histograms['gradients/0_dense/kernel']?.[0]?.num).toBe(2 * 3);
    expect(graph).toContainEqual({ name: '0_dense/kernel', op: 'Parameter', input: [] });
    const gemm = graph.find(({ name }) => name.startsWith('0_dense/Gemm'));
    expect(gemm).toEqual({ name: gemm?.name, op: 'Gemm', input: ['features', '0_dense/kernel', '0_dense/bias'] });
    const names = new Set(graph.map(({ name }) => name));
    for (const { name, input } of graph)
      for (const each of input) expect(names, name).toContain(each.replace(/:\d+$/, ''));
  });

  it('is the same after a job goes on from a checkpoint, of the end of an epoch or inside one', async () => {
    const straight = await run();
    const points = lasting(await eventPoints(eventsOf(straight)));
    for (const step of [3, 4, 8, 9]) {
      const file = `step-000000000${step}.ckpt`;
      const resumed = await run((folder) => {
        onlyCheckpoint(straight, file)(folder);
        cpSync(eventsOf(straight), join(folder, '../events'), { recursive: true });
      });
      expect(lasting(await eventPoints(eventsOf(resumed))), file).toEqual(points);
      expect(readdirSync(eventsOf(resumed))).toHaveLength(1);
    }
  });

  it('loses a torn end, and what no file is left of begins anew', async () => {
    const straight = await run();
    const points = lasting(await eventPoints(eventsOf(straight)));
    const name = readdirSync(eventsOf(straight))[0] ?? '';
    const goOn = (spoil: (path: string) => void): Promise<Run> =>
      run((folder) => {
        onlyCheckpoint(straight, 'step-0000000009.ckpt')(folder);
        cpSync(eventsOf(straight), join(folder, '../events'), { recursive: true });
        spoil(join(folder, '../events', name));
      });
    const { size } = statSync(join(eventsOf(straight), name));
    const torn = await goOn((path) => truncateSync(path, size - 3));
    expect(lasting(await eventPoints(eventsOf(torn)))).toEqual(points);
    const damaged = await goOn((path) => truncateSync(path, 20));
    expect(lasting(await eventPoints(eventsOf(damaged)))).toEqual(points.filter((point) => point.includes('/test ')));
  });

  it('loses what a rewind takes back', async () => {
    let spoiled = 0;
    const once: TestWorkerOptions = {
      spoil: (step, lane) => (step === 4 && lane === 1 && spoiled++ === 0 ? 'gradient' : null),
    };
    const spec = { 'train.onNonFinite': 'rewind', 'run.checkpoints.everySeconds': '1000' };
    const rewound = await run(undefined, spec, [once]);
    expect(notes(rewound).join()).toContain('REWOUND: goes back from step 4 to the checkpoint of step 3');
    const straight = await run(undefined, spec);
    expect(lasting(await eventPoints(eventsOf(rewound)))).toEqual(lasting(await eventPoints(eventsOf(straight))));
  });

  it('is left out where the spec says so, and histograms are', async () => {
    const without = await run(undefined, { 'run.tensorboard.enabled': 'false' });
    expect(await findEventFile(eventsOf(without))).toBeNull();
    const plain = await run(undefined, { 'run.tensorboard.histogramEveryEpochs': '0' });
    const second = await run(undefined, { 'run.tensorboard.histogramEveryEpochs': '2' });
    const histograms = async (of: Run) => (await eventPoints(eventsOf(of))).filter(({ tag }) => tag.includes('_dense'));
    expect(await histograms(plain)).toEqual([]);
    expect((await histograms(second)).map(({ step }) => step)).toEqual(Array(2 * TENSORS.length).fill(6));
    const hashes = [without, plain, second].map(({ job }) => job.result?.parametersSha256);
    expect(new Set(hashes).size).toBe(1);
  });

  it('that can be written no more is told once, and training goes on', async () => {
    const append = vi.spyOn(EventFolder.prototype, 'append');
    append.mockRejectedValue(new LockstepError('DISK_FULL', { message: 'No space is left.' }));
    const full = await run().finally(() => append.mockRestore());
    expect(full.job.state).toBe('JOB_STATE_SUCCEEDED');
    expect(notes(full).filter((note) => note.startsWith('DISK_FULL'))).toEqual([
      "DISK_FULL: TensorBoard's file is written no more; training goes on. No space is left.",
    ]);
  });

  it('where its folder can not be made is told once, and training goes on', async () => {
    const blocked = await run((folder) => {
      mkdirSync(join(folder, '..'));
      writeFileSync(join(folder, '../events'), 'a file');
    });
    expect(blocked.job.state).toBe('JOB_STATE_SUCCEEDED');
    expect(notes(blocked)).toEqual([expect.stringContaining("TensorBoard's file is written no more")]);
  });
});
