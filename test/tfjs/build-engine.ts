/** Builds TensorFlow.js with a real TensorFlow for these tests, into a folder that goes with them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../packages/cli/bin/lockstep.js', import.meta.url));

/** Runs `lockstep engines install tfjs` with everything fetched and compiled anew. */
export function setup(): () => Promise<void> {
  const engines = mkdtempSync(join(tmpdir(), 'lockstep-engines-'));
  process.env.LOCKSTEP_ENGINES = engines;
  execFileSync(process.execPath, [BIN, 'engines', 'install', 'tfjs'], { stdio: 'inherit' });
  // A gigabyte may take long to go, and the end of the last tests' process is waited for meanwhile.
  return () => rm(engines, { recursive: true, force: true });
}
