/** Builds TensorFlow.js with a real TensorFlow for these tests, into a folder that goes with them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../packages/cli/bin/lockstep.js', import.meta.url));

/** Runs `lockstep engines install tfjs` with everything fetched and compiled anew. */
export function setup(): () => void {
  const engines = mkdtempSync(join(tmpdir(), 'lockstep-engines-'));
  process.env.LOCKSTEP_ENGINES = engines;
  execFileSync(process.execPath, [BIN, 'engines', 'install', 'tfjs'], { stdio: 'inherit' });
  return () => rmSync(engines, { recursive: true, force: true });
}
