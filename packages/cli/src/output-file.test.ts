import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeOutputFile } from './output-file.js';
import { writeWholeFiles } from './whole-files.js';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-output-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Devices like /dev/null and /dev/full, where they can be made and used. */
function ownDevices(): string[] {
  const folder = scratch();
  try {
    return ['3', '7'].map((minor) => {
      const path = join(folder, minor);
      execFileSync('mknod', [path, 'c', '1', minor], { stdio: 'ignore' });
      closeSync(openSync(path, 'w'));
      return path;
    });
  } catch {
    return [];
  }
}

describe('the file of --out', () => {
  it('is replaced whole and keeps its permissions', async () => {
    const path = join(scratch(), 'a.csv');
    writeFileSync(path, 'old', { mode: 0o600 });
    await writeOutputFile(path, 'new');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o600]);
  });

  it('is what links lead to, there or not', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'far'));
    writeFileSync(join(folder, 'far/there'), 'old');
    symlinkSync('there', join(folder, 'far/link'));
    symlinkSync('far/link', join(folder, 'chain'));
    symlinkSync('far/new', join(folder, 'dangling'));
    for (const [link, target] of [
      ['chain', 'far/there'],
      ['dangling', 'far/new'],
    ] as const) {
      await writeOutputFile(join(folder, link), 'text');
      expect(lstatSync(join(folder, link)).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(folder, target), 'utf8')).toBe('text');
    }
    expect(readdirSync(join(folder, 'far')).sort()).toEqual(['link', 'new', 'there']);
  });

  it('may be a pipe, which waits for its reader and stays a pipe', async () => {
    const path = join(scratch(), 'pipe');
    execFileSync('mkfifo', [path]);
    const text = 'line\n'.repeat(100_000);
    const writing = writeOutputFile(path, text);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    let read = '';
    reader.stdout.setEncoding('utf8').on('data', (piece: string) => {
      read += piece;
    });
    await Promise.all([writing, once(reader, 'close')]);
    expect(read === text).toBe(true);
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it('may be a device, whose errors are told', async (context) => {
    // Devices of the test's own: a fault here would replace those of the machine.
    const [none, full] = ownDevices();
    if (!none || !full) return context.skip('needs the right to make devices');
    await writeOutputFile(none, 'text');
    expect(lstatSync(none).isCharacterDevice()).toBe(true);
    await expect(writeOutputFile(full, 'text')).rejects.toMatchObject({ code: 'DISK_FULL', value: full });
  });

  it('that cannot be written leaves nothing', async () => {
    const folder = scratch();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('torn');
    }
    const path = join(folder, 'new/a.csv');
    await expect(writeOutputFile(path, broken())).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', value: path });
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('files of a new run never replace those of another', async () => {
  const folder = scratch();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  writeFileSync(b, 'theirs');
  const write = (replace: boolean): Promise<void> =>
    writeWholeFiles({ [a]: 'ours', [b]: 'ours' }, { out: folder, replace });
  await expect(write(false)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
  expect([readdirSync(folder), readFileSync(b, 'utf8')]).toEqual([['b'], 'theirs']);
  await write(true);
  expect([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')]).toEqual(['ours', 'ours']);
});
