/** Tries an execution provider in a process of its own: a broken GPU driver may crash it or never answer. */
import type { Provider, Trial } from '@lockstep/engine';
import { PROVIDER_TRIAL_MS } from '../limits.js';
import { spawnLockstep } from './processes.js';

/** Never throws: what went wrong is the answer. */
export async function tryProviderApart(provider: Provider): Promise<Trial> {
  const child = spawnLockstep(['devices', '--try', provider], { ownSession: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.signal('SIGKILL');
  }, PROVIDER_TRIAL_MS);
  const line = await child.firstLine;
  await child.stop();
  clearTimeout(timer);
  const { reason, stderrTail: log } = await child.exited;
  if (line) {
    const trial = JSON.parse(line) as Trial;
    return trial.usable ? trial : { ...trial, log };
  }
  const message = isLate
    ? `It did not answer within ${PROVIDER_TRIAL_MS / 1000} s.`
    : `The process that tried it ended: ${reason}. ${log.trim().split('\n').at(-1) ?? ''}`.trim();
  return { usable: false, message, fix: 'Look at the driver of the GPU, or use device: cpu.', log };
}
