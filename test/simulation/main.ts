/** `npm run simulate -- --seeds N [--seed S]`: runs seeds, and shows what broke. */
import { parseArgs } from 'node:util';
import { optionsOf } from './options.ts';
import { type Outcome, run } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    /** Runs every seed twice and compares. */
    twice: { type: 'boolean', default: false },
    /** Breaks a check in one of ten seeds on purpose, to show that the alarm works. */
    canary: { type: 'boolean', default: false },
    /** Prints the end of every trace. */
    trace: { type: 'boolean', default: false },
    /** Takes workloads whose lanes are encoded, with residuals. */
    residuals: { type: 'boolean', default: false },
    /** Goes on after a failure and lists all of them. */
    all: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
const startedMs = performance.now();
const seen = new Map<string, number>();
let events = 0;

for (let seed = first; seed < first + count; seed++) {
  const outcome = await run(seed, optionsOf(seed, values.residuals), { canary: values.canary });
  events += outcome.events;
  for (const [what, times] of outcome.seen) seen.set(what, (seen.get(what) ?? 0) + times);
  if (values.trace) process.stdout.write(`${outcome.traceTail.join('\n')}\n`);
  if (outcome.violation && values.all) process.stdout.write(`seed ${seed}: ${outcome.violation.message}\n`);
  else if (outcome.violation) fail(outcome, outcome.violation.message);
  if (values.twice) {
    const again = await run(seed, optionsOf(seed, values.residuals));
    if (again.traceHash !== outcome.traceHash) fail(again, `I18: trace ${outcome.traceHash}, then ${again.traceHash}`);
  }
}
const seconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(
  `${JSON.stringify({ seeds: count, first, seconds, cpuSeconds, events, seen: Object.fromEntries([...seen].sort()) })}\n`,
);

function fail({ seed, options, traceTail, virtualMs }: Outcome, why: string): never {
  const lines = [
    ...traceTail,
    `seed ${seed} after ${(virtualMs / 1000).toFixed(3)} simulated seconds`,
    `options ${JSON.stringify(options)}`,
    `replay with: npm run simulate -- --seeds 1 --seed ${seed} --trace${values.residuals ? ' --residuals' : ''}`,
    `found after ${seed - first + 1} seeds: ${why}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(1);
}
