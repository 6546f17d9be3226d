/** Tests of shared memory between real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { load, sharedMemory } from './provider.js';
import type { SharedMemoryProvider } from './shared-memory.js';

const BYTES = 1 << 20;
const onLinux = describe.skipIf(process.platform !== 'linux');

/** Makes shared memory with koffi alone, says where it is, and waits. */
const OTHER_PROCESS = `
const koffi = require('koffi');
const libc = koffi.load(null);
const fd = libc.func('int memfd_create(const char *name, unsigned int flags)')(process.argv[1], 2);
libc.func('int ftruncate(int fd, int64_t length)')(fd, ${BYTES});
if (process.argv[2]) libc.func('int fcntl(int fd, int command, ...)')(fd, 1033, 'int', 6);
require('fs').writeSync(fd, 'made elsewhere');
console.log('/proc/' + process.pid + '/fd/' + fd);
setInterval(() => {}, 1000);
`;

async function elsewhere(name: string, isSealed: boolean): Promise<{ path: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', OTHER_PROCESS, name, isSealed ? 'sealed' : ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { path: text.trim(), child };
}

function whyNot(memory: SharedMemoryProvider, path: string, byteLength = BYTES): string {
  try {
    memory.open(path, byteLength, 'read');
    return 'it was opened';
  } catch (thrown) {
    const { code, message } = LockstepError.from(thrown);
    return `${code} ${message}`;
  }
}

const mappings = (): number => readFileSync('/proc/self/maps', 'utf8').split('memfd:lockstep').length - 1;

onLinux('shared memory', () => {
  it('is the same for all who map it, to be read alone or written too', async () => {
    const memory = await sharedMemory();
    const made = await memory.create(BYTES);
    const [reader, writer] = (['read', 'write'] as const).map((access) => memory.open(made.path, BYTES, access));
    new Float32Array(writer!.bytes).fill(1.5);
    expect(new Float32Array(reader!.bytes)[BYTES / 4 - 1]).toBe(1.5);
    expect(new Float32Array(made.bytes)[0]).toBe(1.5);
  });

  it('of another process is mapped, and read on after that one was killed', async () => {
    const memory = await sharedMemory();
    const { path, child } = await elsewhere('lockstep', true);
    const { bytes } = memory.open(path, BYTES, 'read');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(Buffer.from(bytes, 0, 14).toString()).toBe('made elsewhere');
    expect(whyNot(memory, path)).toMatch(/HOST_LINK_UNAVAILABLE .*there is no \/proc/);
  });

  it('that could still be cut short under its readers is refused, and so is memory of another length', async () => {
    const memory = await sharedMemory();
    const unsealed = await elsewhere('lockstep', false);
    expect(whyNot(memory, unsealed.path)).toContain('HOST_LINK_UNAVAILABLE');
    const sealed = await elsewhere('lockstep', true);
    expect(whyNot(memory, sealed.path, BYTES * 2)).toContain('HOST_LINK_UNAVAILABLE');
    expect(whyNot(memory, sealed.path)).toBe('it was opened');
  });

  it('is never sought in anything else that stands at a path', async () => {
    const memory = await sharedMemory();
    const other = await elsewhere('another-program', true);
    expect(whyNot(memory, other.path)).toContain("another program's");
    expect(whyNot(memory, '/etc/passwd')).toContain('no path of shared memory');
    expect(whyNot(memory, '/proc/self/fd/0/../../../etc/passwd')).toContain('no path of shared memory');
    const fd = openSync('/dev/null', constants.O_RDONLY);
    onTestFinished(() => closeSync(fd));
    expect(whyNot(memory, `/proc/${process.pid}/fd/${fd}`)).toContain("another program's");
  });

  it('is not to be opened any more once it is closed, and keeps what is in it', async () => {
    const memory = await sharedMemory();
    const made = await memory.create(BYTES);
    const { bytes } = memory.open(made.path, BYTES, 'read');
    new Uint8Array(made.bytes).fill(7);
    made.close();
    made.close();
    expect(whyNot(memory, made.path)).toContain('HOST_LINK_UNAVAILABLE');
    expect(new Uint8Array(bytes)[99]).toBe(7);
  });

  it('is zeros for everybody once it is discarded, and nobody crashes', async () => {
    const memory = await sharedMemory();
    const made = await memory.create(BYTES);
    const writer = memory.open(made.path, BYTES, 'write');
    new Uint8Array(made.bytes).fill(7);
    writer.discard();
    expect(new Uint8Array(made.bytes).every((byte) => byte === 0)).toBe(true);
    new Uint8Array(writer.bytes).fill(8);
    expect(new Uint8Array(made.bytes)[BYTES - 1]).toBe(8);
  });

  it('that the machine does not have is refused before the kernel is asked for it', async () => {
    const memory = await sharedMemory();
    const before = mappings();
    await expect(memory.create(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'HOST_LINK_UNAVAILABLE' });
    expect(mappings()).toBe(before);
  });

  it('stays mapped for as long as a view of it is reachable, and no longer', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const memory = await sharedMemory();
    let view: Float32Array | null = new Float32Array((await memory.create(BYTES)).bytes);
    const mapped = mappings();
    collect();
    await sleep(20);
    view[5] = 3;
    expect(view[5]).toBe(3);
    view = null;
    await expect
      .poll(() => {
        collect();
        return mappings();
      })
      .toBeLessThan(mapped);
  });
});

describe('a system without any', () => {
  it('has no shared memory, which the error says', async () => {
    await expect(load('win32')).rejects.toMatchObject({ code: 'HOST_LINK_UNAVAILABLE', field: 'run.link' });
  });
});
