/** The reference job of forty epochs undisturbed, trained once for all files that compare with it. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ROOT, trainJson } from './lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

/** Hash of its parameters, which neither link, workers nor checkpoints change. */
export async function calmParameters(): Promise<string> {
  const folder = inject('sharedFolder');
  const kept = join(folder, 'forty-epochs');
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const own = mkdtempSync(join(folder, 'run-'));
  const args = ['--set', 'train.epochs=40', '--workers', '1', '--link', 'network', '--out', join(own, 'out')];
  const { parametersSha256 } = await trainJson([SPEC, ...args]);
  writeFileSync(join(own, 'sha256'), parametersSha256);
  renameSync(join(own, 'sha256'), kept);
  rmSync(own, { recursive: true });
  return parametersSha256;
}
