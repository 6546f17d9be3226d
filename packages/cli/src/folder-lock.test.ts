import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LOCK_FILE } from './folder-lock.js';

/** As built: the processes that race know nothing of TypeScript. */
it('a folder with a stale lock goes to one of many processes that lock it at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-folder-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, LOCK_FILE), '2147483646\n');
  const script = `
      const { lockFolder } = await import(${JSON.stringify(new URL('../dist/folder-lock.js', import.meta.url).href)});
      process.stdin.once('data', () => {
        try { lockFolder(${JSON.stringify(folder)}); console.log('won'); } catch (error) { console.log(error.code); }
      });
      process.stdin.once('end', () => process.exit());
      console.log('ready');`;
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      return child;
    }),
  ).then((children) =>
    Promise.all(
      children.map(async (child) => {
        const answer = once(child.stdout, 'data');
        child.stdin.write('go\n');
        return String((await answer)[0]).trim();
      }),
    ),
  );
  expect(answers.sort()).toEqual(['OUTPUT_IN_USE', 'OUTPUT_IN_USE', 'OUTPUT_IN_USE', 'won']);
});
