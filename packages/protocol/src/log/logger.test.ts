/** The log as it is written. */
import { expect, it } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { createLogger, type LogSource } from './logger.js';

function open(source: LogSource) {
  const lines: string[] = [];
  const logger = createLogger('info', source, { write: (line) => void lines.push(line) });
  return {
    logger,
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join(''),
  };
}

it('says which process logs, and the code of the error that a line is about', () => {
  const { logger, lines } = open({ process: 'worker', worker: 'w1' });
  logger.child({ job: 'j' }).error({ step: 3, err: new LockstepError('LANE_FAILED') }, 'failed');
  logger.debug('not at this level');
  expect(lines()).toEqual([
    expect.objectContaining({
      process: 'worker',
      worker: 'w1',
      pid: process.pid,
      job: 'j',
      step: 3,
      code: 'LANE_FAILED',
    }),
  ]);
});

it('has no secret, not in a message, a field, an error or the cause of its cause', () => {
  const { logger, lines, text } = open({ process: 'coordinator' });
  const secret = `lkt_${'x'.repeat(40)}`;
  const cause = new Error('refused', { cause: new Error(`with ${secret}`) });
  const err = Object.assign(new LockstepError('NATS_REFUSED', { cause }), { request: { headers: { cookie: 'a=1' } } });
  logger.child({ token: 'abcdef' }).warn({ err, url: 'nats://u:hidden@h:1' }, `tried ${secret}`);
  expect(lines()).toHaveLength(1);
  for (const hidden of [secret, 'abcdef', 'a=1', 'hidden']) expect(text()).not.toContain(hidden);
  expect(text()).toContain('caused by: Error: with [redacted]');
});
