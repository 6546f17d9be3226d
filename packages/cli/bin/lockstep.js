#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../bundle/lockstep.js', import.meta.url);
if (existsSync(main)) {
  // Node 22 and later keep compiled code between runs.
  module.enableCompileCache?.();
  const { main: run } = await import(main.href);
  await run(process.argv);
} else {
  process.stderr.write('lockstep is not built yet. Run: npm run build\n');
  process.exitCode = 2;
}
