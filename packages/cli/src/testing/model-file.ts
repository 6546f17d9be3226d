/** Small models as files, and verbs run on them in this process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addPreprocessing, type ColumnPlan, featureNames, PLAIN_NUMBERS, type PreprocessingPlan } from '@lockstep/data';
import { buildServingGraph, encodeModel, initializeParameters, MODEL_FORMAT, planModel } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type { LossName, Task } from '@lockstep/spec';
import { onTestFinished, vi } from 'vitest';

/** A column of numbers that stays as it is; missing cells stay missing unless `parts` fill them. */
export const numbers = (name: string, parts: Partial<ColumnPlan> = {}): ColumnPlan =>
  ({
    ...{ name, type: 'number', format: { type: 'number', ...PLAIN_NUMBERS }, fill: null, center: 0, scale: 1 },
    ...parts,
  }) as ColumnPlan;

/** A column of the categories elm and oak. */
export const words = (name: string, parts: Partial<ColumnPlan> = {}): ColumnPlan =>
  ({
    ...{ name, type: 'text', fill: null, categories: ['elm', 'oak'], encode: 'oneHot', unknown: 'ignore' },
    ...parts,
  }) as ColumnPlan;

/** A folder for one test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const LOSSES: Readonly<Record<Task, LossName>> = {
  binary: 'binaryCrossEntropy',
  multiclass: 'sparseCategoricalCrossEntropy',
  regression: 'mse',
};

/** Writes a model of one layer that predicts `y`. @param labels none for a regression @returns its path */
export function modelFile(
  columns: readonly ColumnPlan[],
  labels: readonly string[] = [],
  more: Partial<PreprocessingPlan> = {},
): string {
  const task: Task = labels.length === 0 ? 'regression' : labels.length === 2 ? 'binary' : 'multiclass';
  const plan: PreprocessingPlan = {
    ...{ columns, label: 'y', labels: { trim: true, foldCase: false, onUnusable: 'fail' } },
    ...{ nulls: ['', 'NA'], numbers: PLAIN_NUMBERS, ...more },
  };
  const loss = LOSSES[task];
  const featureWidth = featureNames(plan).length;
  const outputWidth = task === 'multiclass' ? labels.length : 1;
  const activation = task === 'binary' ? 'sigmoid' : task === 'multiclass' ? 'softmax' : 'linear';
  const layers = [
    {
      ...({ type: 'dense', units: outputWidth, activation, useBias: true } as const),
      ...({ kernelInitializer: 'heUniform', biasInitializer: 'zeros' } as const),
    },
  ];
  const { layout, ...planned } = planModel({ layers, loss, featureWidth, outputWidth });
  const graph = buildServingGraph({
    ...{ layers, loss, layout, task, labels: labels.length === 0 ? null : labels, featureWidth },
    parameters: initializeParameters({ layout, ...planned }, 1),
    preprocessing: (builder) => addPreprocessing(builder, plan),
  });
  const metadata = {
    'lockstep.format': MODEL_FORMAT,
    'lockstep.schema': JSON.stringify(plan),
    'lockstep.labels': JSON.stringify(labels),
    'lockstep.task': task,
    'lockstep.loss': loss,
  };
  const path = join(scratchFolder(), 'model.onnx');
  writeFileSync(path, encodeModel(graph, { metadata }));
  return path;
}

/** Writes a table. @returns its path */
export function tableFile(content: string, name = 'new.csv'): string {
  const path = join(scratchFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** What a verb printed, and how it failed. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: LockstepError | null;
}

/** Runs a verb with what it prints held back. */
export async function said(work: () => Promise<void>): Promise<Said> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((piece: string | Uint8Array) => {
      texts[stream] += String(piece);
      return true;
    }),
  );
  try {
    await work();
    return { ...texts, error: null };
  } catch (thrown) {
    return { ...texts, error: LockstepError.from(thrown) };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
