/** `npm run bench:step`: what a training step costs, by phase and beside the bare engine. */
import { writeFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { measureBareEngine } from './bare-engine.ts';
import { type BenchOptions, HELP, readOptions, UsageError } from './options.ts';
import { machineText, type Repeat, summarize, summaryText, thisMachine } from './report.ts';
import { measureStepLoop } from './step-loop.ts';
import type { Workload } from './workloads.ts';

/** Runs the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  // Every child ends with this process.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    const options = readOptions(argv);
    if (options) await run(options);
    else process.stdout.write(HELP);
  } catch (thrown) {
    const { message, fix } = LockstepError.from(thrown);
    process.stderr.write(`${message}${thrown instanceof LockstepError ? ` ${fix}` : ''}\n`);
    process.exitCode = thrown instanceof UsageError ? 2 : 1;
  }
}

async function run({ workloads, repeats, stepsOf, bareMs, json }: BenchOptions): Promise<void> {
  const machine = thisMachine();
  process.stdout.write(machineText(machine));
  const results: { workload: Workload; repeats: Repeat[] }[] = workloads.map((workload) => ({ workload, repeats: [] }));
  for (let index = 0; index < repeats; index++) {
    for (const { workload, repeats: done } of results) {
      process.stderr.write(`${workload.name}, repeat ${index + 1} of ${repeats}\n`);
      const loop = await measureStepLoop(workload, stepsOf(workload));
      done.push({ loop, bareMs: await measureBareEngine(workload, bareMs) });
    }
  }
  const summaries = results.map(({ workload, repeats: done }) => summarize(workload, done));
  for (const summary of summaries) process.stdout.write(summaryText(summary));
  if (json === null) return;
  const raw = Object.fromEntries(results.map(({ workload, repeats: done }) => [workload.name, done]));
  await writeFile(json, `${JSON.stringify({ machine, summaries, repeats: raw })}\n`);
}
