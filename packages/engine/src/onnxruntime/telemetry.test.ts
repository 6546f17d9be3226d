import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;

it.each(['c-api', 'binding'])('%s: nothing is logged or sent by the library', async (adapter) => {
  const temporary = mkdtempSync(join(tmpdir(), 'lockstep-telemetry-'));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const code = `
    const { createEngine, identifyNumerics } = await import(${JSON.stringify(BUILT)});
    const engine = await createEngine({ device: 'cpu', adapter: ${JSON.stringify(adapter)} });
    await identifyNumerics(engine, 1);
    await engine.close();`;
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...env, TMPDIR: temporary },
  });
  expect(readdirSync(temporary)).toEqual([]);
});
