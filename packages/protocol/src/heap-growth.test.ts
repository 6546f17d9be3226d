import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { HEAP_GROWTH_PERCENT } from './limits.js';

it('is a flag of this Node', () => {
  const help = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 });
  expect(help).toContain('--heap-growing-percent ');
  const script = `require('node:v8').setFlagsFromString('--heap-growing-percent=${HEAP_GROWTH_PERCENT}')`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('');
});
