/** Runs a job calmly and once more under faults, and compares the parameters. */
import { type Job__Output, LockstepClient } from '@lockstep/client';
import { LockstepError } from '@lockstep/protocol/core';
import { planFaults } from '../chaos/faults.js';
import { JobObserver } from '../chaos/observer.js';
import { byKind, type ChaosReport, type RunReport, reportText } from '../chaos/report.js';
import { Rig } from '../chaos/rig.js';
import { type Struck, strike } from '../chaos/strike.js';
import { interruptedBy } from '../failure-report.js';
import { firstSignal } from '../first-signal.js';
import { jobError } from '../follow-job.js';
import { MAX_FAULTS } from '../limits.js';
import { parseCount } from '../options.js';
import { createProgress, type Progress } from '../render/progress.js';
import { readSpecFile, type SpecFile, type SpecOptions } from '../spec-file.js';
import { dataFilesOf, submitSpec } from '../submit-spec.js';

/** Options of `lockstep chaos`. */
export interface ChaosOptions extends Pick<SpecOptions, 'set' | 'workers'> {
  readonly faults: string;
  /** Of the schedule of faults. */
  readonly seed: string;
  readonly natsServer?: string | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Runs `lockstep chaos`. @throws LockstepError of the spec, the machine, a job that failed */
export async function chaos(path: string, options: ChaosOptions): Promise<void> {
  const count = parseCount(options.faults, '--faults', MAX_FAULTS);
  const seed = parseCount(options.seed, '--seed');
  const file = await readSpecFile(path, { set: options.set, workers: options.workers });
  await dataFilesOf(file);
  const progress = createProgress({ stream: process.stderr, quiet: options.quiet === true });
  const { workers, device } = file.spec.run;
  const { engine } = file.spec.train;
  const interruption = firstSignal().then((signal): never => {
    throw interruptedBy(signal);
  });
  const rig = await Rig.start({ workers, device, engine, natsServer: options.natsServer, note: progress.note });
  const client = await LockstepClient.connect({ address: rig.address });
  let report: ChaosReport;
  try {
    report = await Promise.race([twoRuns({ file, client, rig, progress, count, seed }), interruption]);
  } finally {
    progress.end();
    client.close();
    await rig.stop();
  }
  process.stdout.write(options.json ? '' : reportText(report));
  // An error would print a second object; the report says what is wrong.
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (report.state === 'failed') process.exitCode = 1;
  if (report.happened < report.planned) process.stderr.write(TOO_SHORT);
}

const TOO_SHORT = 'the job was over before every fault had happened; make it longer with --set train.epochs=N\n';

interface Experiment {
  readonly file: SpecFile;
  readonly client: LockstepClient;
  readonly rig: Rig;
  readonly progress: Progress;
  readonly count: number;
  readonly seed: number;
}

async function twoRuns(experiment: Experiment): Promise<ChaosReport> {
  const { progress, count, seed } = experiment;
  progress.note('the calm run');
  const calm = await run(experiment, async () => {});
  progress.note('the run with faults');
  const struck: Struck[] = [];
  const faulty = await run(experiment, (job) => strikeAll(experiment, job, struck));
  const isEqual = calm.report.parametersSha256 === faulty.report.parametersSha256;
  return {
    state: isEqual && struck.length === count ? 'succeeded' : 'failed',
    ...{ isEqual, seed, planned: count, happened: struck.length, faults: byKind(struck) },
    ...{ stepsLost: faulty.stepsLost, calm: calm.report, struck: faulty.report },
  };
}

async function strikeAll({ rig, file, progress, count, seed }: Experiment, job: JobObserver, struck: Struck[]) {
  const { workers: wanted } = file.spec.run;
  const faults = planFaults(count, seed);
  for (const [index, fault] of faults.entries()) {
    if (!(await job.until(() => job.totalSteps > 0 && job.step >= fault.at * job.totalSteps))) return;
    const nextStep = (faults[index + 1]?.at ?? 1) * job.totalSteps;
    progress.note(`fault ${index + 1} of ${count}: ${fault.kind} at step ${job.step}`);
    const done = await strike(fault, { rig, job, wanted, nextStep });
    if (!done) throw new LockstepError('INTERNAL', { message: `The job has not got over ${fault.kind}.` });
    struck.push(done);
  }
}

async function run(
  { client, file, progress }: Experiment,
  during: (job: JobObserver) => Promise<void>,
): Promise<{ readonly report: RunReport; readonly stepsLost: number }> {
  const startedMs = performance.now();
  const { id } = await submitSpec(client, file);
  const observer = new JobObserver(client, id, progress);
  await during(observer);
  const job = succeeded(await observer.ended);
  const parametersSha256 = job.result?.parametersSha256 ?? '';
  const seconds = (performance.now() - startedMs) / 1000;
  return { report: { parametersSha256, steps: observer.totalSteps, seconds }, stepsLost: observer.stepsLost };
}

function succeeded(job: Job__Output): Job__Output {
  if (job.state !== 'JOB_STATE_SUCCEEDED') throw jobError(job);
  return job;
}
