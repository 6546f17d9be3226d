/** Tests of shared memory in mapped files, between real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { mappedFiles } from './mapped-files.js';
import { load } from './provider.js';

const BYTES = (1 << 20) + 5000;
const onPosix = describe.skipIf(process.platform === 'win32');

/** Maps what is at a path by koffi alone, writes where it may, and says what stands at its beginning. */
const OTHER_PROCESS = `
const koffi = require('koffi');
const fs = require('fs');
const fd = fs.openSync(process.argv[1], 'r+');
const mmap = koffi.load(null).func('void *mmap(void *at, size_t length, int protection, int flags, int fd, int64_t offset)');
const bytes = new Uint8Array(koffi.view(mmap(null, ${BYTES}, 3, 1, fd, 0), ${BYTES}));
const before = Buffer.from(bytes.subarray(0, 4)).toString();
bytes.set(Buffer.from('made elsewhere'), 8);
console.log(before);
setInterval(() => {}, 1000);
`;

async function otherProcess(path: string): Promise<{ child: ChildProcess; before: string }> {
  const child = spawn(process.execPath, ['-e', OTHER_PROCESS, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, before: text.trim() };
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mapped-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'memory');
}

function whyNot(folder: string, path: string, byteLength = BYTES): string {
  try {
    mappedFiles(folder).open(path, byteLength, 'read');
    return 'it was opened';
  } catch (thrown) {
    const { code, message } = LockstepError.from(thrown);
    return `${code} ${message}`;
  }
}

/** How many files of a kind this process has open. */
function descriptors(is: (found: Stats) => boolean): number {
  const open = readdirSync('/dev/fd').flatMap((name) => {
    try {
      return [fstatSync(Number(name))];
    } catch {
      // That of the list itself is closed by now.
      return [];
    }
  });
  return open.filter(is).length;
}

onPosix('shared memory in mapped files', () => {
  it('is what macOS has', async () => {
    const made = await (await load('darwin')).create(BYTES);
    onTestFinished(() => made.close());
    expect(made.path).toMatch(/lockstep-\d+\/\d+-[0-9a-f]{16}\.shared$/);
  });

  it('is the same for all processes that map it, and for its user alone', async () => {
    const folder = scratch();
    const made = await mappedFiles(folder).create(BYTES);
    expect(new Uint8Array(made.bytes).every((byte) => byte === 0)).toBe(true);
    Buffer.from(made.bytes).write('here');
    const { before, child } = await otherProcess(made.path);
    expect(before).toBe('here');
    const reader = mappedFiles(folder).open(made.path, BYTES, 'read');
    expect(Buffer.from(reader.bytes, 8, 14).toString()).toBe('made elsewhere');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(Buffer.from(made.bytes, 8, 14).toString()).toBe('made elsewhere');
    expect([statSync(folder).mode & 0o777, statSync(made.path).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('has no name any more once it is closed, and keeps what is in it', async () => {
    const folder = scratch();
    const made = await mappedFiles(folder).create(BYTES);
    const { bytes } = mappedFiles(folder).open(made.path, BYTES, 'read');
    new Uint8Array(made.bytes).fill(7);
    made.close();
    made.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(whyNot(folder, made.path)).toContain('HOST_LINK_UNAVAILABLE');
    expect(new Uint8Array(bytes)[BYTES - 1]).toBe(7);
  });

  it('is zeros for everybody once it is discarded; whoever only reads it discards nothing', async () => {
    const folder = scratch();
    const made = await mappedFiles(folder).create(BYTES);
    const reader = mappedFiles(folder).open(made.path, BYTES, 'read');
    new Uint8Array(made.bytes).fill(7);
    reader.discard();
    expect(new Uint8Array(made.bytes)[9]).toBe(7);
    made.discard();
    expect(new Uint8Array(reader.bytes).every((byte) => byte === 0)).toBe(true);
  });

  it('of a process that was killed goes when the next one makes some; that of one that lives stays', async () => {
    const folder = scratch();
    const made = await mappedFiles(folder).create(BYTES);
    const { child } = await otherProcess(made.path);
    const [dead, alive] = [child.pid, process.ppid].map((pid) => join(folder, `${pid}-0123456789abcdef.shared`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const path of [dead, alive]) writeFileSync(path!, 'left');
    writeFileSync(join(folder, 'note.txt'), 'of somebody else');
    await mappedFiles(folder).create(BYTES);
    expect([dead, alive, made.path, join(folder, 'note.txt')].map((path) => existsSync(path!))).toEqual([
      ...[false, true, true, true],
    ]);
  });

  it('is never sought outside of its folder, nor in what has another length', async () => {
    const folder = scratch();
    const { path } = await mappedFiles(folder).create(BYTES);
    expect(whyNot(folder, '/etc/passwd')).toContain('no path of shared memory');
    expect(whyNot(folder, join(folder, 'x', '..', '..', basename(path)))).toContain('no path of shared memory');
    expect(whyNot(folder, `${folder}/../memory/${basename(path)}`)).toContain('no path of shared memory');
    expect(whyNot(folder, path, BYTES + 1)).toContain(`has ${BYTES} bytes, not ${BYTES + 1}`);
    const link = join(folder, '1-0123456789abcdef.shared');
    symlinkSync(path, link);
    expect(whyNot(folder, link)).toContain('HOST_LINK_UNAVAILABLE');
  });

  it('leaves no descriptor where it cannot be mapped', async () => {
    const folder = scratch();
    const { path } = await mappedFiles(folder).create(BYTES);
    const { ino } = statSync(path);
    const opened = (): number => descriptors((found) => found.ino === ino);
    const before = opened();
    expect(whyNot(folder, path, BYTES + 1)).toContain('bytes, not');
    expect(opened()).toBe(before);
    const nameless = (): number => descriptors((found) => found.isFile() && found.nlink === 0);
    const without = nameless();
    await expect(mappedFiles(folder).create(0)).rejects.toThrow('EINVAL');
    expect(nameless()).toBe(without);
  });

  it('has no folder that others can enter, and none behind a link', async () => {
    const folder = scratch();
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    await expect(mappedFiles(folder).create(BYTES)).rejects.toThrow('not a folder of this user alone');
    chmodSync(folder, 0o700);
    renameSync(folder, `${folder}-moved`);
    symlinkSync(`${folder}-moved`, folder);
    await expect(mappedFiles(folder).create(BYTES)).rejects.toThrow('not a folder of this user alone');
  });

  it('that the disk has no room for is refused before anything is written', async () => {
    const folder = scratch();
    await expect(mappedFiles(folder).create(2 ** 52)).rejects.toMatchObject({ code: 'HOST_LINK_UNAVAILABLE' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
