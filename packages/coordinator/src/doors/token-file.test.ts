import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drawToken, readTokens, TokenFile, writeTokens } from './token-file.js';

const OF = { name: 'alice', role: 'submitter', namespaces: ['vision'], createdUnixSeconds: 0 } as const;

async function file(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-tokens-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'tokens.json');
}

async function opened(path: string): Promise<TokenFile> {
  const tokens = await TokenFile.open(path, () => {});
  onTestFinished(() => tokens.close());
  return tokens;
}

describe('tokens', () => {
  it('are found by their text, of which the file holds a hash alone', async () => {
    const path = await file();
    const one = drawToken({ ...OF, namespaces: ['vision'], expiresUnixSeconds: 100 });
    const other = drawToken({ ...OF, name: 'root', role: 'admin', namespaces: ['default'], expiresUnixSeconds: 100 });
    await writeFile(path, writeTokens([one.kept, other.kept]));
    const tokens = await opened(path);
    expect(tokens.find(one.text, 99)).toEqual({
      ...{ id: `token:${one.kept.id}`, name: 'alice', role: 'submitter', namespaces: ['vision'], anyName: true },
    });
    expect(tokens.find(other.text, 99)?.namespaces).toEqual(['*']);
    expect([one.text.slice(0, -1), one.kept.sha256, ''].map((text) => tokens.find(text, 99))).toEqual([
      null,
      null,
      null,
    ]);
    expect(await readFile(path, 'utf8')).not.toContain(one.text.slice(4));
  });

  it('are nobody from the second on in which they expire', async () => {
    const path = await file();
    const { text, kept } = drawToken({ ...OF, namespaces: ['vision'], expiresUnixSeconds: 100 });
    await writeFile(path, writeTokens([kept]));
    const tokens = await opened(path);
    expect([tokens.find(text, 99.9) === null, tokens.find(text, 100)]).toEqual([false, null]);
  });

  it('come and go with the file, and stay where it cannot be read', async () => {
    const path = await file();
    const { text, kept } = drawToken({ ...OF, namespaces: ['vision'], expiresUnixSeconds: 100 });
    await writeFile(path, writeTokens([kept]));
    const tokens = await opened(path);
    await writeFile(path, '{"format":1');
    await expect(tokens.refresh()).rejects.toMatchObject({ code: 'TOKENS_INVALID', field: '--tokens' });
    expect(tokens.find(text, 1)).not.toBeNull();
    await writeFile(path, writeTokens([]));
    await tokens.refresh();
    expect(tokens.find(text, 1)).toBeNull();
  });

  it('are refused with a key that does not exist, and with a role that does not', async () => {
    const path = await file();
    const { kept } = drawToken({ ...OF, namespaces: ['vision'], expiresUnixSeconds: 100 });
    await writeFile(path, JSON.stringify({ format: 1, tokens: [{ ...kept, role: 'root' }] }));
    await expect(readTokens(path)).rejects.toMatchObject({ code: 'TOKENS_INVALID', message: /tokens.0.role/ });
    await writeFile(path, JSON.stringify({ format: 1, tokens: [{ ...kept, admin: true }] }));
    await expect(readTokens(path)).rejects.toMatchObject({ message: /admin/ });
  });
});
