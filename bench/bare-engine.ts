/** The floor of a step: the engine in as many processes as there are workers, at the same time, without communication. */
import type { BareReport, BareTask } from './bare-engine-process.ts';
import { Child } from './child.ts';
import { coreOf } from './cores.ts';
import { WORKERS, type Workload } from './workloads.ts';

/** Milliseconds of every forward and backward pass, of all processes together. */
export async function measureBareEngine(workload: Workload, milliseconds: number): Promise<number[]> {
  const children = Array.from({ length: WORKERS }, (_, index) =>
    Child.fork<BareReport>('./bare-engine-process.js', workload.name, coreOf(index)),
  );
  try {
    await Promise.all(children.map((child) => child.next('isReady')));
    const task: BareTask = { milliseconds };
    const answers = children.map((child) => child.next('runsMs'));
    for (const child of children) child.tell(task);
    return (await Promise.all(answers)).flatMap(({ runsMs }) => runsMs);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
