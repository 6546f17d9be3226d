/** Finds and runs a Python for the tests that compare with other people's software. Nothing else needs one. */
import { execFileSync, spawn } from 'node:child_process';

/** Ends with 0 where each module is there; of modules joined by "|" one will do. Importing them would take seconds. */
const PROBE = `
import importlib.util, sys
sys.exit(not all(any(importlib.util.find_spec(one) for one in name.split("|")) for name in sys.argv[1:]))
`;

/** One run of a script. */
export interface PythonRequest {
  readonly python: string;
  readonly script: string;
  readonly args: readonly string[];
}

/**
 * The Python that has all of `modules`: the one named by LOCKSTEP_PYTHON, else python3 on PATH; null without one.
 * @throws Error when LOCKSTEP_PYTHON names a program that does not start
 */
export function pythonWith(modules: readonly string[]): string | null {
  const named = process.env.LOCKSTEP_PYTHON;
  const python = named || 'python3';
  if (named) execFileSync(named, ['--version'], { stdio: 'ignore' });
  try {
    execFileSync(python, ['-c', PROBE, ...modules], { stdio: 'ignore' });
    return python;
  } catch {
    return null;
  }
}

/** What a title says about a test that is skipped without these modules. */
export function needsPython(modules: readonly string[]): string {
  return `needs Python with ${modules.join(', ')}; set LOCKSTEP_PYTHON`;
}

/** Runs a script to its end. @returns its stdout; @throws Error with its stderr unless it exits with 0 */
export function runPython({ python, script, args }: PythonRequest): Promise<string> {
  const child = spawn(python, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${script} ended with ${signal ?? code}\n${stderr}`));
    });
  });
}
