/** Reads a job spec from disk with the command line's replacements, and refuses it with every problem at once. */
import { basename, dirname, resolve } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import { readSpecText } from './spec-text.js';

/** A spec that is ready to be submitted. */
export interface SpecFile {
  /** Path of the spec as it was given. */
  readonly path: string;
  /** Source text as written. */
  readonly text: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly spec: ResolvedJobSpec;
  /** Absolute path of the data; relative ones start at the spec's folder, of a spec from a pipe at the working directory. */
  readonly dataPath: string;
}

/** Options of every verb that takes a spec. */
export interface SpecOptions {
  readonly set?: readonly string[] | undefined;
  readonly seed?: string | undefined;
  readonly workers?: string | undefined;
  readonly link?: string | undefined;
  readonly rebaseNumerics?: true | undefined;
  /** File for the trace of the run. */
  readonly trace?: string | undefined;
}

/** The `--set key.path=value` options and their shorthands as overrides. @throws LockstepError USAGE */
export function collectOverrides(options: SpecOptions): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const item of options.set ?? []) {
    const at = item.indexOf('=');
    if (at < 1) {
      throw new LockstepError('USAGE', {
        message: '--set has no key, or no value.',
        field: '--set',
        value: item,
        fix: 'Write --set key.path=value, e.g. --set train.epochs=3.',
      });
    }
    overrides[item.slice(0, at)] = item.slice(at + 1);
  }
  if (options.seed !== undefined) overrides['train.seed'] = options.seed;
  if (options.workers !== undefined) overrides['run.workers'] = options.workers;
  if (options.link !== undefined) overrides['run.link'] = options.link;
  if (options.trace !== undefined) overrides['run.trace'] = 'true';
  if (options.rebaseNumerics) overrides['run.rebaseNumerics'] = 'true';
  return overrides;
}

/** Reads and checks a spec. @throws LockstepError SPEC_INVALID with all problems, USAGE when the file is absent */
export async function readSpecFile(path: string, options: SpecOptions): Promise<SpecFile> {
  const overrides = collectOverrides(options);
  return checkSpecText(path, await readSpecText(path), overrides);
}

/** Checks the text of the spec at a path. @throws LockstepError SPEC_INVALID with all problems */
export function checkSpecText(path: string, text: string, overrides: Readonly<Record<string, string>>): SpecFile {
  const { spec, problems } = parseJobSpec(text, { overrides });
  if (!spec) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    throw new LockstepError('SPEC_INVALID', { message: `${basename(path)} has ${count}.`, field: path, problems });
  }
  return { path, text, overrides, spec, dataPath: resolve(folderOf(path), spec.data.path) };
}

/** Where relative paths in a spec start. */
export function folderOf(path: string): string {
  const absolute = resolve(path);
  return /^\/(dev|proc)\//.test(absolute) ? process.cwd() : dirname(absolute);
}
