import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectNats, readNatsAccess } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeProgram, folderWith, scratch } from './testing/release-site.js';

// A starter is a process of its own, which runs what was built.
const BUILT = new URL('../../dist/local/start-nats.js', import.meta.url);
const LINUX_ONLY = process.platform === 'linux' ? null : 'reads /proc';

interface Started {
  readonly child: ChildProcess;
  readonly temporary: string;
  /** First line that the script prints. */
  readonly line: string;
}

/** Runs a process that starts a nats-server and prints what came of it. */
async function starter(script: string, serverPath?: string): Promise<Started> {
  if (!existsSync(fileURLToPath(BUILT))) throw new Error('not built: run npm run build first');
  const temporary = scratch();
  const options = JSON.stringify({ serverPath });
  const code = `
    const { startNats } = await import(${JSON.stringify(BUILT.href)});
    const options = { ...${options}, note: (text) => process.stderr.write(text + '\\n') };
    try { const nats = await startNats(options); ${script} }
    catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('close', () => reject(new Error(`ended early: ${text}`)));
  });
  return { child, temporary, line };
}

/** Processes whose command line names a folder. */
function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(folder) && !command.includes('--input-type') ? [{ pid: Number(entry), command }] : [];
      } catch {
        return [];
      }
    });
}

function guardianAndServer(folder: string): { guardian: number; server: number } {
  const found = processesOf(folder);
  const server = found.find(({ command }) => !command.includes('lockstep-nats-guardian'))?.pid;
  if (!server) throw new Error(`not running: ${JSON.stringify(found)}`);
  const guardian = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${server}/stat`, 'utf8'))?.[1]);
  return { guardian, server };
}

/** Waits until nothing of a run is left: no process and no folder. */
async function expectNothingLeft(temporary: string, isFolderRemoved = true): Promise<void> {
  const isClean = (): boolean =>
    processesOf(temporary).length === 0 && (!isFolderRemoved || readdirSync(temporary).length === 0);
  await expect.poll(isClean, { timeout: 5000, interval: 10 }).toBe(true);
}

const RUN = 'console.log(nats.url); setInterval(() => {}, 1000);';

describe.skipIf(LINUX_ONLY)('a nats-server of our own', () => {
  it('answers on loopback with the payload that parameters need, and JetStream', async () => {
    const { line } = await starter(RUN);
    expect(line).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    const greeting = await new Promise<string>((resolve) => {
      const socket = createConnection(Number(new URL(line).port), '127.0.0.1');
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    const info = JSON.parse(greeting.replace(/^INFO /, '')) as Record<string, unknown>;
    expect(info).toMatchObject({ max_payload: 8 * 1024 * 1024, jetstream: true });
  });

  it('A26 lets nobody in without a login, listens on one port, and keeps its secrets from other users', async () => {
    const { temporary, line: url } = await starter(RUN);
    await expect(connectNats({ servers: [url], name: 'x' })).rejects.toMatchObject({ code: 'NATS_REFUSED' });
    const folder = join(temporary, readdirSync(temporary)[0] as string);
    const { credentials } = await readNatsAccess({ accountKey: join(folder, 'account.nk') });
    await (await connectNats({ servers: [url], ...credentials, name: 'x' })).close();
    const ports = readdirSync(folder).find((name) => name.endsWith('.ports')) as string;
    expect(Object.keys(JSON.parse(readFileSync(join(folder, ports), 'utf8')) as object)).toEqual(['nats']);
    for (const [file, mode] of [
      ['', 0o700],
      ['account.nk', 0o600],
      ['nats.conf', 0o600],
    ] as const) {
      expect(statSync(join(folder, file)).mode & 0o777, file).toBe(mode);
    }
  });

  it('is gone, with its folder, when it is stopped', async () => {
    const { temporary, line } = await starter('await nats.stop(); await nats.stop(); console.log("stopped");');
    expect(line).toBe('stopped');
    expect(processesOf(temporary)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('is gone when its starter ends by %s', async (signal) => {
    const { child, temporary } = await starter(RUN);
    guardianAndServer(temporary);
    child.kill(signal);
    await expectNothingLeft(temporary);
  });

  it('is gone when the whole process group of its starter is killed', async () => {
    const { child, temporary } = await starter(RUN);
    process.kill(-(child.pid as number), 'SIGKILL');
    await expectNothingLeft(temporary);
  });

  it('is gone when its starter ends by itself without stopping it', async () => {
    const { temporary } = await starter('console.log(nats.url); process.exit(0);');
    await expectNothingLeft(temporary);
  });

  it('does not hear Ctrl-C, which its starter handles in order', async () => {
    const { child, temporary } = await starter(`process.on('SIGINT', () => console.log('heard')); ${RUN}`);
    const { server } = guardianAndServer(temporary);
    const heard = new Promise((resolve) => child.stdout?.once('data', resolve));
    process.kill(-(child.pid as number), 'SIGINT');
    await heard;
    expect(guardianAndServer(temporary).server).toBe(server);
  });

  it('dies with its guardian', async () => {
    const { temporary } = await starter(RUN);
    const { guardian, server } = guardianAndServer(temporary);
    process.kill(guardian, 'SIGKILL');
    await expect.poll(() => existsSync(`/proc/${server}`), { timeout: 5000, interval: 10 }).toBe(false);
  });

  it('ends its guardian when it dies itself, and leaves its folder for the next one', async () => {
    const { child, temporary } = await starter(RUN);
    process.kill(guardianAndServer(temporary).server, 'SIGKILL');
    await expectNothingLeft(temporary, false);
    expect(readdirSync(temporary)).toHaveLength(1);
    child.kill();
  });

  it('that ends at once is reported with its words, and nothing stays', async () => {
    const program = Buffer.concat([
      fakeProgram('2.15.1').subarray(0, -1),
      Buffer.from('; [ "$1" = --version ] || { echo "no such option" >&2; exit 3; }\n'),
    ]);
    const { temporary, line } = await starter(RUN, join(folderWith(program), 'nats-server'));
    expect(JSON.parse(line)).toMatchObject({
      code: 'NATS_UNREACHABLE',
      message: expect.stringMatching(/ended at once.*no such option/),
    });
    await expectNothingLeft(temporary);
  });

  it('that is too old is not started', async () => {
    const { line } = await starter(RUN, join(folderWith(fakeProgram('2.11.0')), 'nats-server'));
    expect(JSON.parse(line)).toMatchObject({ code: 'NATS_SERVER_TOO_OLD' });
  });
});
