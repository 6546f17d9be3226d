/** Checks a job spec, and its data where that is here, without starting anything. */
import { basename } from 'node:path';
import type { DataCheck } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { jobSpecJsonSchema, resolvedSpecYaml } from '@lockstep/spec';
import { counted } from '../render/counted.js';
import { kindsText } from '../render/summary.js';
import { visible } from '../render/visible.js';
import { readSpecFile, type SpecFile } from '../spec-file.js';
import { dataFilesOf } from '../submit-spec.js';

/** Options of `lockstep validate`. */
export interface ValidateOptions {
  readonly set: readonly string[];
  readonly resolved?: true | undefined;
  readonly schema?: true | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep validate`. @throws LockstepError SPEC_INVALID with every problem, or what training would refuse in the data */
export async function validate(path: string, options: ValidateOptions): Promise<void> {
  if (options.schema) {
    process.stdout.write(`${JSON.stringify(jobSpecJsonSchema(), null, 2)}\n`);
    return;
  }
  const file = await readSpecFile(path, { set: options.set });
  const data = await lookAtData(file);
  if (options.resolved) process.stdout.write(resolvedSpecYaml(file.spec));
  if (options.json) process.stdout.write(`${JSON.stringify({ state: 'valid', spec: file.spec, data })}\n`);
  else process.stderr.write(validText(path, file, data));
}

/** What the data holds; null where it is not on this machine. */
async function lookAtData(file: SpecFile): Promise<DataCheck | null> {
  const { checkData } = await import('@lockstep/data');
  try {
    const files = await dataFilesOf(file);
    return await checkData({ files, fileName: basename(file.dataPath), spec: file.spec });
  } catch (thrown) {
    if (thrown instanceof LockstepError && thrown.code === 'DATA_NOT_FOUND') return null;
    throw thrown;
  }
}

function validText(path: string, { spec, dataPath }: SpecFile, data: DataCheck | null): string {
  const found = `${path} is valid: ${spec.task}, ${counted(spec.model.length, 'layer')}, ${counted(spec.train.lanes, 'lane')}`;
  return [
    found,
    dataText(dataPath, data),
    ...(data?.warnings ?? []).map((warning) => visible(`warning: ${warning}`)),
    '',
  ].join('\n');
}

function dataText(path: string, data: DataCheck | null): string {
  if (!data) return `data not looked at: ${path} is not here`;
  const found = `${basename(path)} fits: ${counted(data.columnCount, 'column')}, ${counted(data.rowCount, 'row')}`;
  if (!data.rows) return `${found} looked at; training reads all of this large file`;
  const { train, validation, test, dropped } = data.rows;
  const parts = `${train} training, ${validation} validation, ${test} test${dropped > 0 ? `, ${dropped} dropped` : ''}`;
  const { rejects } = data;
  const bad = rejects?.count ? `\n${counted(rejects.count, 'bad row')} left out: ${kindsText(rejects.byKind)}` : '';
  return `${found}: ${parts}${bad}`;
}
