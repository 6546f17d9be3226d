/** `lockstep chaos`: every kind of fault strikes a run, and the parameters are those of the calm one. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockstep, ROOT } from '../support/lockstep.ts';

interface Report {
  readonly isEqual: boolean;
  readonly happened: number;
  readonly faults: readonly { readonly kind: string; readonly count: number }[];
  readonly calm: { readonly steps: number };
  readonly struck: { readonly steps: number };
}

describe('lockstep chaos', () => {
  it('gives, with every kind of fault, the parameters of the calm run', async () => {
    const spec = join(ROOT, 'examples/breast-cancer/job.yaml');
    const args = ['chaos', spec, '--faults', '6', '--seed', '3', '--set', 'train.epochs=80', '--json'];
    const { code, stdout, stderr } = await lockstep(args);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ isEqual: true, happened: 6, calm: { steps: 1200 }, struck: { steps: 1200 } });
    expect(report.faults.map(({ kind, count }) => `${kind} ${count}`)).toEqual([
      ...['worker-kill 1', 'worker-pause 1', 'worker-drain 1', 'worker-add 1', 'nats-restart 1', 'coordinator-kill 1'],
    ]);
    expect(stderr).toMatch(/rewound to step \d+/);
  });

  it('refuses a number of faults that is none before anything starts', async () => {
    const result = await lockstep(['chaos', join(ROOT, 'examples/wine/job.yaml'), '--faults', 'many']);
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('--faults')]);
  });
});
