import { expect, it } from 'vitest';
import { coresLine } from './cores-line.js';

it.each([
  [
    2,
    1,
    { count: 1, ofMachine: 4, heldBy: 'affinity' },
    '2 workers x 1 thread on 1 of 4 cores (this process is bound to them): they take turns',
  ],
  [1, 3, { count: 2, ofMachine: 2, heldBy: null }, '1 worker x 3 threads on 2 cores: they take turns'],
  [
    1,
    2,
    { count: 2, ofMachine: 4, heldBy: 'quota' },
    '1 worker x 2 threads on 2 of 4 cores (the CPU quota of its control group)',
  ],
  [1, 1, { count: 1, ofMachine: 1, heldBy: null }, '1 worker x 1 thread on 1 core'],
] as const)('says how many threads run and on what', (workers, threads, cores, line) => {
  expect(coresLine(workers, threads, cores)).toBe(line);
});
