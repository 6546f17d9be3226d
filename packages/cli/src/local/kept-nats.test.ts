import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectNats, readNatsAccess } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type KeptNats, keepNats } from './kept-nats.js';
import { findNatsServer } from './nats-server.js';
import { scratch } from './testing/release-site.js';

interface Kept {
  readonly nats: KeptNats;
  readonly notes: readonly string[];
  /** Process id of the server that runs, or ran. */
  pid(): number;
  /** Lets no server start, or again. */
  setBroken(isBroken: boolean): void;
}

/** Keeps a nats-server that tells its process id and can be broken. */
async function kept(pausesMs: readonly number[]): Promise<Kept> {
  const folder = scratch();
  const program = join(folder, 'nats-server');
  const pid = join(folder, 'pid');
  const broken = join(folder, 'broken');
  const real = await findNatsServer({ note: () => {} });
  const fails = `{ [ "$1" = --version ] || { echo 'no such device' >&2; exit 3; }; }`;
  writeFileSync(program, `#!/bin/sh\n[ ! -e '${broken}' ] || ${fails}\necho $$ > '${pid}'\nexec '${real}' "$@"\n`);
  chmodSync(program, 0o755);
  const notes: string[] = [];
  const nats = await keepNats({ serverPath: program, pausesMs, note: (text) => notes.push(text) });
  onTestFinished(() => nats.stop());
  return {
    nats,
    notes,
    pid: () => Number(readFileSync(pid, 'utf8')),
    setBroken: (isBroken) => (isBroken ? writeFileSync(broken, '') : rmSync(broken)),
  };
}

const NOTE = 'nats-server ended; it starts again in 0.0 s';

describe('a nats-server that is kept', () => {
  it('is there again on its port after each death, also when the first start fails', async () => {
    const { nats, notes, pid, setBroken } = await kept(Array.from({ length: 1000 }, () => 10));
    const connection = await connectNats({
      servers: [nats.url],
      ...(await readNatsAccess(nats)).credentials,
      name: 'test',
    });
    onTestFinished(() => connection.close());
    const comesBack = async (): Promise<void> => {
      for await (const { type } of connection.status()) if (type === 'reconnect') return;
    };
    const first = comesBack();
    process.kill(pid(), 'SIGKILL');
    await first;
    expect(notes).toEqual([NOTE]);

    setBroken(true);
    const second = comesBack();
    process.kill(pid(), 'SIGKILL');
    await expect.poll(() => notes.length, { timeout: 20_000 }).toBeGreaterThan(2);
    setBroken(false);
    await second;
  });

  it('is given up after deaths in a row, with the end of its log', async () => {
    const { nats, notes, pid, setBroken } = await kept([10, 10]);
    setBroken(true);
    process.kill(pid(), 'SIGKILL');
    await expect(nats.failed).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
      message: expect.stringMatching(/ended 3 times in a row.*no such device/),
    });
    expect(notes).toEqual([NOTE, NOTE]);
  });

  it('stays gone when it is stopped, also while it is about to start again', async () => {
    const { nats, notes, pid } = await kept([60_000]);
    process.kill(pid(), 'SIGKILL');
    await expect.poll(() => notes.length, { timeout: 20_000 }).toBe(1);
    await nats.stop();
    await expect(connectNats({ servers: [nats.url], name: 'test' })).rejects.toMatchObject({
      code: 'NATS_UNREACHABLE',
    });
  });
});
