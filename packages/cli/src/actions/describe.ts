/** Shows all that a coordinator knows of a job, or what a model was trained to read and to answer. */
import { stat } from 'node:fs/promises';
import { type JobDescription, jobDescription } from '../job-description.js';
import { modelDescription } from '../model-description.js';
import { readModelFile } from '../model-file.js';
import { descriptionText } from '../render/description.js';
import { modelDescriptionText } from '../render/model-description.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep describe`. */
export interface DescribeOptions extends ServerOptions {
  readonly json?: true | undefined;
}

/** Runs `lockstep describe`. @throws LockstepError JOB_NOT_FOUND, MODEL_UNREADABLE */
export async function describe(jobOrModel: string, options: DescribeOptions): Promise<void> {
  if (await isModelFile(jobOrModel)) {
    const model = modelDescription(jobOrModel, await readModelFile(jobOrModel));
    process.stdout.write(options.json ? `${JSON.stringify(model)}\n` : modelDescriptionText(model));
    return;
  }
  const description = await withClient(options, (client) => jobDescription(client, jobOrModel));
  process.stdout.write(options.json ? `${jsonLine(description)}\n` : descriptionText(description));
}

function jsonLine({ forgotten: _said, ...description }: JobDescription): string {
  return JSON.stringify(description);
}

/** Ids of jobs have neither a point nor a slash in them, and nothing here has their names. */
async function isModelFile(name: string): Promise<boolean> {
  if (name.endsWith('.onnx') || name.includes('/')) return true;
  return (await stat(name).catch(() => null)) !== null;
}
