/** How long torchrun's workers stand still after one of them is killed. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { standstillSeconds } from '../packages/cli/src/chaos/standstill.js';

/** From bench/dist, where this is run. */
const SCRIPT = fileURLToPath(new URL('../peers/torchrun_recovery.py', import.meta.url));
const PATIENCE_MS = 180_000;
const POLL_MS = 50;
/** Workers that start again and share torchrun's own key-value store find keys of those before and hang (PyTorch 2.15). */
const OWN_STORE = { TORCH_DISABLE_SHARE_RDZV_TCP_STORE: '1' };
/** Steps before the kill and after it; far more are asked for, so that the job does not end before. */
const STEPS_AROUND = 50;
const STEPS = 1_000_000;

/** A step that one worker has written down. */
export interface TorchStep {
  readonly pid: number;
  readonly step: number;
  readonly seconds: number;
}

/** Kills one of two workers in the middle of training. @returns the seconds in which no new step was done */
export async function measureTorchrun(python: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-torchrun-'));
  const args = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', '--max-restarts', '3'];
  const env = { ...process.env, ...OWN_STORE };
  const run = spawn(python, [...args, SCRIPT, folder, String(STEPS)], { stdio: 'ignore', env });
  const exited = new Promise<void>((resolve) => run.once('close', () => resolve()));
  try {
    const before = await stepsUntil(folder, (steps) => steps.length >= STEPS_AROUND);
    const killedAt = Date.now() / 1000;
    process.kill(before.at(-1)?.pid ?? 0, 'SIGKILL');
    const newest = Math.max(...before.map(({ step }) => step));
    const after = await stepsUntil(
      folder,
      (steps) => (steps.at(-1)?.step ?? 0) >= newest + STEPS_AROUND && isNewLife(steps),
    );
    return longestStandstill(after, killedAt);
  } finally {
    run.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds without a step that had not been done before, at most, from a moment on. */
export function longestStandstill(steps: readonly TorchStep[], from: number): number {
  return standstillSeconds(
    steps.map(({ step, seconds }) => ({ step, atMs: seconds * 1000 })),
    from * 1000,
  );
}

function isNewLife(steps: readonly TorchStep[]): boolean {
  return new Set(steps.map(({ pid }) => pid)).size > 1;
}

async function stepsUntil(folder: string, isEnough: (steps: readonly TorchStep[]) => boolean): Promise<TorchStep[]> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    const text = await readFile(join(folder, 'steps-1.jsonl'), 'utf8').catch(() => '');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const steps = lines.filter(Boolean).map((line) => JSON.parse(line) as TorchStep);
    if (isEnough(steps)) return steps;
  }
  throw new Error(`torchrun has not come that far within ${PATIENCE_MS / 1000} s.`);
}
