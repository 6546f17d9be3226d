/** A Python with what a peer needs: the one that is named, or an environment of the bench's own that is made once. */
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
export type FoundPython =
  | { readonly python: string; readonly missing: null }
  | { readonly python: null; readonly missing: string };

/** What a peer needs. */
export interface PeerNeeds {
  /** Its name in messages. */
  readonly what: string;
  /** Python that fails without it. */
  readonly imports: string;
  /** What pip installs. */
  readonly packages: readonly string[];
}

/** Finds PyTorch, or installs it with pip. Never throws: a bench goes on without it. */
export function findTorch(): Promise<FoundPython> {
  return findPython({ what: 'PyTorch', imports: 'import torch.distributed.run', packages: ['torch'] });
}

/** Finds what a peer needs, or installs it with pip. Never throws. */
export async function findPython({ what, imports, packages }: PeerNeeds): Promise<FoundPython> {
  const named = process.env.LOCKSTEP_BENCH_PYTHON;
  if (named) return (await has(named, imports)) ? { python: named, missing: null } : none(`${named} has no ${what}`);
  const own = join(ENVIRONMENT, 'bin', 'python');
  if (await has(own, imports)) return { python: own, missing: null };
  process.stderr.write(`installs ${what} in ${ENVIRONMENT}, once; LOCKSTEP_BENCH_PYTHON names a Python that has it\n`);
  try {
    await mkdir(ENVIRONMENT, { recursive: true });
    await run('python3', ['-m', 'venv', ENVIRONMENT]);
    await run(own, ['-m', 'pip', 'install', '--quiet', ...packages], { timeout: INSTALL_TIMEOUT_MS });
  } catch (thrown) {
    return none(`${what} could not be installed: ${lastLine(thrown)}`);
  }
  return (await has(own, imports))
    ? { python: own, missing: null }
    : none(`${what} was installed and cannot be imported`);
}

function none(missing: string): FoundPython {
  return { python: null, missing };
}

function has(python: string, imports: string): Promise<boolean> {
  return run(python, ['-c', imports]).then(
    () => true,
    () => false,
  );
}

function lastLine(thrown: unknown): string {
  const { stderr = '', message } = thrown as { stderr?: string; message: string };
  return stderr.trim().split('\n').at(-1) || message;
}
