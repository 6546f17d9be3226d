/** Reads a model.onnx of ours: its bytes, and what training fixed about the tables it takes. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PreprocessingPlan } from '@lockstep/data';
import { decodeModel, MODEL_FORMAT } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type { Task } from '@lockstep/spec';

/** A model.onnx. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly plan: PreprocessingPlan;
  readonly task: Task;
  readonly loss: string;
  /** Class names in the order of the probabilities; empty for a regression. */
  readonly labels: readonly string[];
  /** SHA-256 of the trained parameters, hex. */
  readonly parametersSha256: string;
  readonly numericClass: string;
}

/** Reads a model. @throws LockstepError MODEL_UNREADABLE */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LockstepError('MODEL_UNREADABLE', {
      message: `The model ${path} cannot be read.`,
      field: 'MODEL',
      value: path,
      cause,
    });
  });
  const { metadata } = decoded(bytes, path);
  return { bytes, ...trainedWith(metadata, path) };
}

/** What training wrote beside the graph. */
function trainedWith(metadata: Readonly<Record<string, string>>, path: string): Omit<ModelFile, 'bytes'> {
  const { 'lockstep.format': format, 'lockstep.schema': schema } = metadata;
  const refused = (message: string, fix?: string) =>
    new LockstepError('MODEL_UNREADABLE', { message, field: 'MODEL', value: path, ...(fix ? { fix } : {}) });
  if (!format || !schema) throw refused(`${basename(path)} was not written by lockstep.`);
  if (format !== MODEL_FORMAT) {
    const message = `${basename(path)} has format ${format}; this version of lockstep reads format ${MODEL_FORMAT}.`;
    throw refused(message, 'Train it again, or use the version that wrote it.');
  }
  return {
    plan: JSON.parse(schema) as PreprocessingPlan,
    task: metadata['lockstep.task'] as Task,
    loss: metadata['lockstep.loss'] ?? '',
    labels: JSON.parse(metadata['lockstep.labels'] ?? '[]') as string[],
    parametersSha256: metadata['lockstep.parameters_sha256'] ?? '',
    numericClass: metadata['lockstep.numeric_class'] ?? '',
  };
}

function decoded(bytes: Uint8Array, path: string): ReturnType<typeof decodeModel> {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    const { code, message } = LockstepError.from(cause);
    throw new LockstepError(code, { message, field: 'MODEL', value: path, cause });
  }
}
