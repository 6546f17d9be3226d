/** Tries native libraries in a process of their own: a broken GPU driver or build may crash it or never answer. */
import type { Trial, TriedApart } from '@lockstep/engine';
import { TRIAL_MS } from '../limits.js';
import { spawnLockstep } from './processes.js';

/** Never throws: what went wrong is the answer. */
export async function tryApart(what: TriedApart): Promise<Trial> {
  const child = spawnLockstep(['devices', '--try', what, '--exit-with-parent'], { ownSession: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.killAll();
  }, TRIAL_MS);
  const line = await child.firstLine;
  await child.stop();
  clearTimeout(timer);
  const { reason, stderrTail: log } = await child.exited;
  if (line) {
    const trial = JSON.parse(line) as Trial;
    return trial.usable ? trial : { ...trial, log };
  }
  const message = isLate
    ? `It did not answer within ${TRIAL_MS / 1000} s.`
    : `The process that tried it ended: ${reason}. ${log.trim().split('\n').at(-1) ?? ''}`.trim();
  const fix = what.startsWith('tensorflow')
    ? `Run \`lockstep engines install tfjs${what === 'tensorflow-gpu' ? ' --gpu' : ''}\` again, or use train.engine: onnxruntime.`
    : 'Look at the driver of the GPU, or use device: cpu.';
  return { usable: false, message, fix, log };
}
