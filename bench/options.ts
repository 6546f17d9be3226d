/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { LINKS, type Link, WIRES, type Wire, WORKLOADS, type Workload } from './workloads.ts';

/** What to measure. */
export interface BenchOptions {
  readonly workloads: readonly Workload[];
  readonly links: readonly Link[];
  readonly wires: readonly Wire[];
  readonly repeats: number;
  /** Measured steps of a workload. */
  readonly stepsOf: (workload: Workload) => number;
  /** Milliseconds of one measurement of the bare engine. */
  readonly bareMs: number;
  /** Few steps: a first look, which is not kept in the history. */
  readonly isQuick: boolean;
  /** Measures how a step grows instead. */
  readonly isGrowth: boolean;
  /** File for the rows and every measured value. */
  readonly json: string | null;
}

/** Arguments that cannot be taken. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `Measures the step loop as users run it, and in turn with it PyTorch DDP over gloo and the bare engine: the same
training graph in as many processes at the same time, without communication. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench                                             every workload over the host and the network link
  $ npm run bench -- --quick                                  a first look
  $ npm run bench -- --workloads w2 --link network --repeats 9 --json w2.json
  $ npm run bench -- --growth                                 steps of an engine that computes nothing, 2 to 16 workers

Options:
  --workloads <names>  ${Object.keys(WORKLOADS).join(', ')}, or several with commas (default: all)
  --link <links>       ${LINKS.join(', ')}, or several (default: host,network)
  --wire <wires>       ${WIRES.join(', ')}, or several (default: float32)
  --repeats <n>        repeats of (step loop, peer, bare engine, limits) (default: 3; 1 with --quick)
  --steps <n>          measured steps of a repeat, after the warm-up (default: by workload)
  --quick              few repeats of few steps; not kept in bench/history.jsonl
  --growth             how a step grows with parameters and workers
  --json <file>        write the rows there, and every measured value
  -h, --help           show this

The nats-server is found as \`lockstep train\` finds it; LOCKSTEP_NATS_SERVER names another one. LOCKSTEP_BENCH_PYTHON
names a Python with PyTorch; without it one is installed once below ~/.cache/lockstep-bench.
`;

const OPTIONS = {
  workloads: { type: 'string', default: Object.keys(WORKLOADS).join(',') },
  link: { type: 'string', default: 'host,network' },
  wire: { type: 'string', default: 'float32' },
  repeats: { type: 'string' },
  steps: { type: 'string' },
  quick: { type: 'boolean', default: false },
  growth: { type: 'boolean', default: false },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the arguments; null asks for help. @throws UsageError that says what is wrong */
export function readOptions(argv: readonly string[]): BenchOptions | null {
  const values = parse(argv);
  if (values.help) return null;
  const steps = values.steps === undefined ? null : positive(values.steps, '--steps');
  return {
    workloads: listOf(values.workloads, Object.keys(WORKLOADS), '--workloads').flatMap((name) => WORKLOADS[name] ?? []),
    links: listOf(values.link, LINKS, '--link'),
    wires: listOf(values.wire, WIRES, '--wire'),
    repeats: positive(values.repeats ?? (values.quick ? '1' : '3'), '--repeats'),
    stepsOf: (workload) => steps ?? (values.quick ? workload.quickSteps : workload.steps),
    bareMs: values.quick ? 1000 : 3000,
    isQuick: values.quick,
    isGrowth: values.growth,
    json: values.json ?? null,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (thrown) {
    throw new UsageError((thrown as Error).message);
  }
}

/** Names with commas between them, in any case. */
function listOf<Name extends string>(text: string, known: readonly Name[], option: string): Name[] {
  const found = text.split(',').map((part) => {
    const name = known.find((candidate) => candidate === part.trim().toLowerCase());
    if (name === undefined) throw new UsageError(`${option} has "${part.trim()}"; there are ${known.join(', ')}.`);
    return name;
  });
  return [...new Set(found)];
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${option} is "${text}"; it must be a whole number above 0.`);
}
