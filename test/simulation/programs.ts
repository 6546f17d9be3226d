/** Runs the simulator as a program, of the sources as they are or with a patch. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/lockstep.ts';
import { bundleSimulator } from './bundle.mjs';

/** What a program of seeds said. */
export interface Said {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program of {@link bundleSimulator}. */
export function simulate(program: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Bundles the simulator with a patch applied to the files that it names. */
export async function bundlePatched(name: string, patch: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-simulation-'));
  try {
    for (const [, path] of readFileSync(patch, 'utf8').matchAll(/^\+\+\+ b\/(.+)$/gm)) {
      const copy = join(folder, path as string);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(join(ROOT, path as string), copy);
    }
    execFileSync('git', ['apply', patch], { cwd: folder });
    return await bundleSimulator(name, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
