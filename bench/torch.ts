/** A Python with PyTorch: the one that is named, or an environment of the bench's own that is made once. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where it is made, outside of the clone. */
const ENVIRONMENT = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lockstep-bench');
/** The wheel is large where it brings its own libraries. */
const INSTALL_TIMEOUT_MS = 1_200_000;

/** A Python, or why there is none. */
export type TorchPython =
  | { readonly python: string; readonly missing: null }
  | { readonly python: null; readonly missing: string };

/** Finds PyTorch, or installs it with pip. Never throws: a bench goes on without it. */
export async function findTorch(): Promise<TorchPython> {
  const named = process.env.LOCKSTEP_BENCH_PYTHON;
  if (named) return (await hasTorch(named)) ? { python: named, missing: null } : none(`${named} has no PyTorch`);
  const own = join(ENVIRONMENT, 'bin', 'python');
  if (await hasTorch(own)) return { python: own, missing: null };
  process.stderr.write(`installs PyTorch in ${ENVIRONMENT}, once; LOCKSTEP_BENCH_PYTHON names a Python that has it\n`);
  try {
    await mkdir(ENVIRONMENT, { recursive: true });
    await run('python3', ['-m', 'venv', ENVIRONMENT]);
    await run(own, ['-m', 'pip', 'install', '--quiet', 'torch'], { timeout: INSTALL_TIMEOUT_MS });
  } catch (thrown) {
    return none(`PyTorch could not be installed: ${lastLine(thrown)}`);
  }
  return (await hasTorch(own)) ? { python: own, missing: null } : none('PyTorch was installed and cannot be imported');
}

function none(missing: string): TorchPython {
  return { python: null, missing };
}

function hasTorch(python: string): Promise<boolean> {
  return run(python, ['-c', 'import torch.distributed.run']).then(
    () => true,
    () => false,
  );
}

function lastLine(thrown: unknown): string {
  const { stderr = '', message } = thrown as { stderr?: string; message: string };
  return stderr.trim().split('\n').at(-1) || message;
}
