/** `npm run bench:watched`: a step of a job that everybody looks at beside one that nobody looks at, in turn. */
import { parseArgs } from 'node:util';
import { machineText, spreadText, thisMachine } from './report.ts';
import { median, spread } from './statistics.ts';
import {
  benchNats,
  measureStepLoop,
  type PreparedStore,
  prepareStore,
  type StepLoopTimes,
  type WatchedPages,
} from './step-loop.ts';
import { LINKS, type Link, WORKLOADS } from './workloads.ts';

const HELP = `Measures steps of a job with TensorBoard's event file (histograms after each epoch), a browser that follows the
job and the lists of the dashboard, and /metrics of all processes read each second; in turn with them steps of the same
job with none of these. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench:watched
  $ npm run bench:watched -- --workload w1 --link network --repeats 9

Options:
  --workload <name>  w1, w2 or w4 (default: w2)
  --link <links>     ${LINKS.join(', ')}, or several with commas (default: host,network)
  --repeats <n>      repeats of both (default: 5)
  --steps <n>        measured steps of a run (default: those of the workload)
  -h, --help         show this
`;

const OPTIONS = {
  workload: { type: 'string', default: 'w2' },
  link: { type: 'string', default: 'host,network' },
  repeats: { type: 'string', default: '5' },
  steps: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** So few that each step and each epoch has its point in the event file, and more than are measured. */
const EPOCHS = 250;
const SCRAPE_MS = 1000;

const KINDS = ['coordinator', 'workers', 'nats'] as const;

/** One repeat. */
interface Pair {
  readonly alone: StepLoopTimes;
  readonly watched: StepLoopTimes;
}

/** Runs the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  if (values.help) return void process.stdout.write(HELP);
  const workload = WORKLOADS[values.workload];
  if (!workload) throw new Error(`There is no workload ${values.workload}.`);
  const steps = Number(values.steps ?? workload.steps);
  process.stdout.write(machineText(thisMachine()));
  const nats = await benchNats();
  try {
    for (const link of values.link.split(',') as Link[]) {
      const task = { workload, way: { link, wire: 'float32' as const } };
      const alone = await prepareStore(nats, { ...task, extras: { epochs: EPOCHS, tensorboard: false } });
      const watched = await prepareStore(nats, { ...task, extras: { epochs: EPOCHS }, watch });
      const pairs: Pair[] = [];
      for (let index = 0; index < Number(values.repeats); index++) {
        process.stderr.write(`${link}, repeat ${index + 1} of ${values.repeats}\n`);
        const order = index % 2 === 0 ? [alone, watched] : [watched, alone];
        const measured = new Map<PreparedStore, StepLoopTimes>();
        for (const prepared of order) measured.set(prepared, await measureStepLoop(nats, prepared, steps));
        pairs.push({ alone: measured.get(alone) as StepLoopTimes, watched: measured.get(watched) as StepLoopTimes });
      }
      const cpus = pairs.map(({ watched, alone }) => cpuSecondsOf(watched) / cpuSecondsOf(alone));
      const cpuText = (kind: keyof Pair, of: (typeof KINDS)[number]): string =>
        (median(pairs.map((pair) => pair[kind].cpuSecondsPerStep[of] ?? Number.NaN)) * 1000).toFixed(1);
      const stepsOf = (kind: keyof Pair): number[] => pairs.flatMap((pair) => [...pair[kind].stepsMs]);
      const ratios = pairs.map((pair) => median(pair.watched.stepsMs) / median(pair.alone.stepsMs));
      const speeds = pairs.map((pair) => pair.watched.samplesPerSecond / pair.alone.samplesPerSecond);
      process.stdout.write(
        `${workload.name} ${link}: watched ${spreadText(spread(stepsOf('watched')))}, alone ${spreadText(spread(stepsOf('alone')))}
  median step, watched / alone: ${median(ratios).toFixed(3)} (${ratios.map((ratio) => ratio.toFixed(3)).join(', ')})
  samples/s, watched / alone:   ${median(speeds).toFixed(3)} (${speeds.map((ratio) => ratio.toFixed(3)).join(', ')})
  CPU of a step, watched / alone: ${median(cpus).toFixed(3)} (${cpus.map((ratio) => ratio.toFixed(3)).join(', ')})
  CPU ms of a step, watched and alone: ${KINDS.map((kind) => `${kind} ${cpuText('watched', kind)} and ${cpuText('alone', kind)}`).join(', ')}
`,
      );
    }
  } finally {
    await nats.stop();
  }
}

/** CPU seconds of a step, of all processes together. */
function cpuSecondsOf({ cpuSecondsPerStep }: StepLoopTimes): number {
  return KINDS.reduce((sum, kind) => sum + (cpuSecondsPerStep[kind] ?? Number.NaN), 0);
}

/** Follows a job and the lists as a browser does, and reads /metrics as Prometheus does. */
function watch({ jobId, addresses }: WatchedPages): () => void {
  const [coordinator = ''] = addresses;
  const ended = new AbortController();
  const follow = async (path: string): Promise<void> => {
    const response = await fetch(`http://${coordinator}${path}`, { signal: ended.signal });
    if (!response.ok || !response.body) throw new Error(`${path} answers ${response.status}`);
    for await (const _piece of response.body);
  };
  const scrape = async (): Promise<void> => {
    for (const address of addresses) {
      const response = await fetch(`http://${address}/metrics`, { signal: ended.signal }).catch(() => null);
      await response?.text();
    }
  };
  for (const path of [`/api/jobs/${jobId}/events`, '/api/events'])
    follow(path).catch((error: unknown) => {
      if (!ended.signal.aborted) process.stderr.write(`${path}: ${String(error)}\n`);
    });
  const timer = setInterval(() => void scrape().catch(() => {}), SCRAPE_MS);
  return () => {
    clearInterval(timer);
    ended.abort();
  };
}
