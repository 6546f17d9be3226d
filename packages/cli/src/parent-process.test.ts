import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { BIN_PATH } from './bin-path.js';
import { lateValue } from './parent-process.js';

describe('a value that comes late', () => {
  it('is the option itself unless that is "-"', async () => {
    expect(await lateValue('10.0.0.5:7070', new PassThrough())).toBe('10.0.0.5:7070');
  });

  it('is the first line of standard input, in however many pieces it comes', async () => {
    const input = new PassThrough();
    const value = lateValue('-', input);
    for (const piece of ['127.0.', '0.1:7', '070\nsecond', ' line\n']) input.write(piece);
    expect(await value).toBe('127.0.0.1:7070');
  });
});

describe('a process that ends with its parent', () => {
  it.each(['coordinator', 'worker'])('%s ends while it still waits for an address', async (verb) => {
    const args = verb === 'worker' ? ['--server', '-'] : ['--nats', '-'];
    const child = spawn(process.execPath, [BIN_PATH, verb, ...args, '--exit-with-parent', '--log-level', 'silent'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const code = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(child.exitCode).toBeNull();
    child.stdin?.end();
    expect(await code).toBe(0);
  });
});
