/** Checks a job spec without starting anything. */
import { jobSpecJsonSchema, resolvedSpecYaml } from '@lockstep/spec';
import { readSpecFile } from '../spec-file.js';
import { checkDataFile } from '../submit-spec.js';

/** Options of `lockstep validate`. */
export interface ValidateOptions {
  readonly set: readonly string[];
  readonly resolved?: true | undefined;
  readonly schema?: true | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep validate`. @throws LockstepError SPEC_INVALID with every problem */
export async function validate(path: string, options: ValidateOptions): Promise<void> {
  if (options.schema) {
    process.stdout.write(`${JSON.stringify(jobSpecJsonSchema(), null, 2)}\n`);
    return;
  }
  const file = await readSpecFile(path, { set: options.set });
  await checkDataFile(file);
  if (options.resolved) process.stdout.write(resolvedSpecYaml(file.spec));
  if (options.json) process.stdout.write(`${JSON.stringify({ state: 'valid', spec: file.spec })}\n`);
  else
    process.stderr.write(
      `${path} is valid: ${file.spec.task}, ${file.spec.model.length} layers, ${file.spec.train.lanes} lanes\n`,
    );
}
