import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processTable } from '../../../../test/support/processes.js';

// The one that pauses is a process of its own, which runs what was built.
const BUILT = new URL('../../dist/chaos/pause.js', import.meta.url);

/** Starts a process that pauses a child, which ends when its standard input closes. @returns both ids */
async function pausing(then: string): Promise<{ parent: number; child: number }> {
  if (!existsSync(fileURLToPath(BUILT))) throw new Error('not built: run npm run build first');
  const code = `
    const { pauseProcess } = await import(${JSON.stringify(BUILT.href)});
    const child = (await import('node:child_process')).spawn('cat', { detached: true });
    const resume = pauseProcess(child.pid);
    setTimeout(() => {}, 600_000);
    ${then}
    console.log(child.pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const child = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
  onTestFinished(() => {
    if (isThere(child)) process.kill(child, 'SIGKILL');
  });
  return { parent: parent.pid ?? 0, child };
}

const isThere = (pid: number): boolean => processTable().some((row) => row.pid === pid && row.args.startsWith('cat'));

describe('a process that is paused', () => {
  it('stays until it is told to go on, and ends then as it was told meanwhile', async () => {
    const { parent, child } = await pausing("child.stdin.end(); process.on('SIGUSR2', resume);");
    expect(isThere(child)).toBe(true);
    process.kill(parent, 'SIGUSR2');
    await expect.poll(() => isThere(child), { timeout: 20_000 }).toBe(false);
  });

  it('ends with the one that paused it, though that was killed', async () => {
    const { parent, child } = await pausing('');
    expect(isThere(child)).toBe(true);
    process.kill(parent, 'SIGKILL');
    await expect.poll(() => isThere(child), { timeout: 20_000 }).toBe(false);
  });
});
