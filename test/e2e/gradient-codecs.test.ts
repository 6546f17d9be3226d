/** int8 and top-k with error feedback: the same parameters on any workers and links, and with every kind of fault. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockstep, ROOT, scratch } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');

async function trained(...settings: string[]): Promise<string> {
  const set = ['train.epochs=3', ...settings].flatMap((setting) => ['--set', setting]);
  const { code, stdout, stderr } = await lockstep(['train', SPEC, '--json', '--out', join(scratch(), 'run'), ...set]);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { parametersSha256: string }).parametersSha256;
}

describe.each(['int8', '{type: topK, fraction: 0.02}'])('gradients: %s', (codec) => {
  const gradients = `train.gradients=${codec}`;

  it('give the same parameters on any number of workers and both links, and others than float32', async () => {
    const alone = await trained(gradients, 'run.workers=1');
    expect(await trained(gradients, 'run.workers=3', 'run.link=network')).toBe(alone);
    expect(await trained(gradients, 'run.workers=2', 'run.link=host')).toBe(alone);
    expect(await trained('run.workers=1')).not.toBe(alone);
  });

  it('give the parameters of the calm run with workers killed, paused, drained and added, and the coordinator killed', async () => {
    const set = ['train.epochs=60', gradients, 'run.checkpoints.everySeconds=0.5'].flatMap((each) => ['--set', each]);
    const { code, stdout, stderr } = await lockstep(['chaos', SPEC, '--faults', '6', '--seed', '3', '--json', ...set]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ isEqual: true, happened: 6, struck: { steps: 900 } });
    expect(stderr).toMatch(
      /goes back from step \d+ to the checkpoint of step \d+. What its lanes had not sent is gone/,
    );
  });
});
