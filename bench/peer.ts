/** The peer: PyTorch DDP over gloo, two processes with one thread each, pinned as the workers are. */
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { coreOf } from './cores.ts';
import { freePort } from './step-loop.ts';
import { WORKERS, type Workload } from './workloads.ts';

/** From bench/dist, where this is run. */
const SCRIPT = fileURLToPath(new URL('../peers/ddp.py', import.meta.url));

/** One measurement: every step of each variant. */
export interface PeerTimes {
  readonly toFirstStepSeconds: number;
  readonly variants: Readonly<Record<'default' | 'tuned', readonly number[]>>;
}

/** Trains a workload's model on fresh processes. @throws Error with the last words of one that failed */
export async function measurePeer(python: string, workload: Workload, steps: number): Promise<PeerTimes> {
  const { features, units, loss, rowsPerWorker: rows, warmUp } = workload;
  const port = await freePort();
  const children = Array.from({ length: WORKERS }, (_, rank) => {
    const task = JSON.stringify({ features, units, loss, rows, warmUp, steps, rank, port });
    return Child.program('the peer', [python, SCRIPT, task], coreOf(rank));
  });
  try {
    const line = await children[0]?.line();
    return JSON.parse(line ?? '') as PeerTimes;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
