/** Forward and backward of one workload's training graph, again and again, in a process that talks to nobody meanwhile. */
import { createEngine } from '@lockstep/engine';
import { prepareLane, repeat } from './lane.ts';
import { WORKLOADS } from './workloads.ts';

/** Told to a process that is ready. */
export interface BareTask {
  readonly milliseconds: number;
}

/** What it reports. */
export type BareReport = { readonly isReady: true } | { readonly runsMs: readonly number[] };

/** Runs before the first measured one, and time that they take at least. */
const WARM_UP_RUNS = 5;
const WARM_UP_MS = 300;

function report(message: BareReport): void {
  process.send?.(message);
}

const workload = WORKLOADS[process.argv[2] ?? ''];
if (!workload) throw new Error(`no workload ${process.argv[2]}`);
const run = await prepareLane(await createEngine({ device: 'cpu' }), workload);
await repeat(run, WARM_UP_MS, WARM_UP_RUNS);
process.on('disconnect', () => process.exit(0));
process.on('message', ({ milliseconds }: BareTask) => {
  void repeat(run, milliseconds).then((runsMs) => report({ runsMs }));
});
report({ isReady: true });
