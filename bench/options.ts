/** The command line of `npm run bench:step`. */
import { parseArgs } from 'node:util';
import { WORKLOADS, type Workload } from './workloads.ts';

/** What to measure. */
export interface BenchOptions {
  readonly workloads: readonly Workload[];
  readonly repeats: number;
  /** Measured steps of a workload. */
  readonly stepsOf: (workload: Workload) => number;
  /** Milliseconds of one measurement of the bare engine. */
  readonly bareMs: number;
  /** File for every measured value. */
  readonly json: string | null;
}

/** Arguments that cannot be taken. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `Measures the step loop, and beside it the bare engine: the same training graph in as many processes at the same
time, without communication. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench:step                                        five repeats of both workloads, about five minutes
  $ npm run bench:step -- --quick                             a first look, about a minute
  $ npm run bench:step -- --workloads w2 --repeats 9 --json w2.json

Options:
  --workloads <names>  ${Object.keys(WORKLOADS).join(', ')}, or several with commas (default: all)
  --repeats <n>        repeats of (step loop, bare engine) (default: 5; 2 with --quick)
  --steps <n>          measured steps of a repeat, after the warm-up (default: by workload)
  --quick              few repeats of few steps
  --json <file>        write every measured value there
  -h, --help           show this

The nats-server is found as \`lockstep train\` finds it; LOCKSTEP_NATS_SERVER names another one.
`;

const OPTIONS = {
  workloads: { type: 'string', default: Object.keys(WORKLOADS).join(',') },
  repeats: { type: 'string' },
  steps: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the arguments; null asks for help. @throws UsageError that says what is wrong */
export function readOptions(argv: readonly string[]): BenchOptions | null {
  const values = parse(argv);
  if (values.help) return null;
  const steps = values.steps === undefined ? null : positive(values.steps, '--steps');
  return {
    workloads: [...new Set(values.workloads.split(',').map((name) => workloadNamed(name.trim())))],
    repeats: positive(values.repeats ?? (values.quick ? '2' : '5'), '--repeats'),
    stepsOf: (workload) => steps ?? (values.quick ? workload.quickSteps : workload.steps),
    bareMs: values.quick ? 1000 : 3000,
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

function workloadNamed(name: string): Workload {
  const known = name.toLowerCase();
  const workload = Object.hasOwn(WORKLOADS, known) ? WORKLOADS[known] : undefined;
  if (workload) return workload;
  throw new UsageError(`--workloads has "${name}"; there are ${Object.keys(WORKLOADS).join(', ')}.`);
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${option} is "${text}"; it must be a whole number above 0.`);
}
