import { describe, expect, it } from 'vitest';
import { spawnLockstep } from './processes.js';

describe('a child of our own command', () => {
  it('gives its first line and its end', async () => {
    const child = spawnLockstep(['--version']);
    expect(await child.firstLine).toMatch(/^\d+\.\d+\.\d+/);
    expect(await child.exited).toMatchObject({ reason: 'exit code 0' });
  });

  it('that ends without a word gives an empty line, and the last of its stderr', async () => {
    const child = spawnLockstep(['worker', '--server', 'nonsense']);
    expect(await child.firstLine).toBe('');
    const { reason, stderrTail } = await child.exited;
    expect(reason).toBe('exit code 2');
    expect(stderrTail).toContain('--server');
    await child.stop();
  });
});
