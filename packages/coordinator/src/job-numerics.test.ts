/** Tests of where a job went on in another numeric class. */
import { describe, expect, it } from 'vitest';
import type { Job } from './job.js';
import { JobNumerics } from './job-numerics.js';

describe('the numerics of a job', () => {
  it('name the committed step of each change, and the checkpoint that was gone back to after it', () => {
    let step = 40;
    const job = { emit: () => {} } as unknown as Job;
    const numerics = new JobNumerics(job, null, () => step);
    expect(numerics.name('a')).toBe('a');
    numerics.rebase('a', 'b');
    step = 60;
    numerics.rewound(50);
    numerics.rebase('b', 'c');
    expect(numerics.name('c')).toBe('c/rebased=40,60');
    numerics.rewound(20);
    expect(numerics.rebasedAt).toEqual([20]);
  });
});
