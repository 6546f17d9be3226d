/** Reads a model.onnx of ours: its bytes, and what training fixed about the tables it takes. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PreprocessingPlan } from '@lockstep/data';
import { decodeModel, MODEL_FORMAT, openSeal, SEAL_KEY } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type { Task } from '@lockstep/spec';
import { nearestPath } from './nearest-path.js';

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

/** What train calls it. */
const MODEL_NAME = 'model.onnx';

/** Reads a model. @throws LockstepError MODEL_NOT_FOUND, MODEL_UNREADABLE */
export async function readModelFile(path: string): Promise<ModelFile> {
  await refuseDevice(path);
  const bytes = await readFile(path).catch(async (cause: NodeJS.ErrnoException) => {
    throw await unreadable(path, cause);
  });
  const { metadata } = decoded(bytes, path);
  if (SEAL_KEY in metadata) checkSeal(bytes, path);
  return { bytes, ...trainedWith(metadata, path) };
}

/** A device may have no end. @throws LockstepError MODEL_UNREADABLE */
async function refuseDevice(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found?.isCharacterDevice() && !found?.isBlockDevice()) return;
  throw new LockstepError('MODEL_UNREADABLE', { message: `${path} is a device.`, field: 'MODEL', value: path });
}

async function unreadable(path: string, cause: NodeJS.ErrnoException): Promise<LockstepError> {
  const place = { field: 'MODEL', value: path, cause };
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    const near = await nearestPath(path);
    const fix = near ? { fix: `Did you mean ${await modelIn(near)}?` } : {};
    return new LockstepError('MODEL_NOT_FOUND', { message: `There is no model ${path}.`, ...place, ...fix });
  }
  if (cause.code === 'EISDIR') {
    const inside = await modelIn(path);
    const fix = inside === path ? {} : { fix: `Give ${inside}.` };
    return new LockstepError('MODEL_UNREADABLE', { message: `${path} is a folder, not a model.`, ...place, ...fix });
  }
  return new LockstepError('MODEL_UNREADABLE', { message: `${path} cannot be read: ${cause.message}.`, ...place });
}

/** The model that train leaves in a folder; the path itself where it is none, or holds no model. */
async function modelIn(path: string): Promise<string> {
  const inside = join(path, MODEL_NAME);
  return (await stat(inside).catch(() => null)) ? inside : path;
}

/** @throws LockstepError MODEL_UNREADABLE where the bytes are not those that training wrote */
function checkSeal(bytes: Uint8Array, path: string): void {
  const sealed = openSeal(bytes);
  if (sealed && createHash('sha256').update(sealed.body).digest('hex') === sealed.sha256) return;
  const message = `${basename(path)} is damaged: its bytes are not those that training wrote.`;
  const fix = `Take it again from its run; where a tool changed it on purpose, remove its metadata entry ${SEAL_KEY}.`;
  throw new LockstepError('MODEL_UNREADABLE', { message, field: 'MODEL', value: path, fix });
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
  const parsed = <Value>(json: string): Value => {
    try {
      return JSON.parse(json) as Value;
    } catch {
      throw refused(`${basename(path)} is damaged: what it says of its columns and labels is no JSON.`);
    }
  };
  return {
    plan: parsed<PreprocessingPlan>(schema),
    task: metadata['lockstep.task'] as Task,
    loss: metadata['lockstep.loss'] ?? '',
    labels: parsed<string[]>(metadata['lockstep.labels'] ?? '[]'),
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
