/** A job on a local cluster: from the spec's file to the folder of the run. */
import { usableCores } from '@lockstep/protocol';
import { dashboardWords } from './dashboard.js';
import { collectRun, collectTrace, followJob } from './follow-job.js';
import type { LocalCluster } from './local/cluster.js';
import type { JobOutcome } from './outcome.js';
import { coresLine } from './render/cores-line.js';
import type { Progress } from './render/progress.js';
import { claimRunFolder } from './run-folder.js';
import { checkSpecText, collectOverrides, type SpecOptions } from './spec-file.js';
import { dataFilesOf, submitSpec } from './submit-spec.js';
import { withClientOf } from './with-client.js';

/** What is run, and where. */
export interface LocalJob {
  /** Path of the spec, and what is in it. */
  readonly path: string;
  readonly text: string;
  readonly options: SpecOptions & { readonly out?: string | undefined; readonly resume?: true | undefined };
  readonly cluster: LocalCluster;
  readonly progress: Progress;
  /** Told of the folder of the run once it is claimed. */
  readonly onDirectory: (directory: string) => void;
}

/** Runs a job to its end. @throws LockstepError of the spec, the machine or the job */
export async function runJob({ path, text, options, cluster, progress, onDirectory }: LocalJob): Promise<{
  result: JobOutcome;
  metricsJson: string;
}> {
  const file = checkSpecText(path, text, collectOverrides(options));
  await dataFilesOf(file);
  const folder = await claimRunFolder({ out: options.out, name: file.spec.name, resume: options.resume });
  onDirectory(folder.path);
  const { workers, device } = file.spec.run;
  cluster.begin({ workers, device, engine: file.spec.train.engine, folder: folder.path });
  const { address, metricsAddress, dashboardUrl } = await cluster.ready;
  const shown = dashboardWords(dashboardUrl);
  progress.note(`${shown}coordinator ${address}  metrics http://${metricsAddress}/metrics  run ${folder.path}`);
  progress.note(coresLine(workers, file.spec.train.threadsPerLane, usableCores()));
  return withClientOf({ address }, async (client) => {
    const job = await submitSpec(client, file);
    const ended = await followJob(client, job.id, progress);
    await collectTrace(client, ended, options.trace);
    return {
      result: await collectRun(client, ended, folder, file.dataPath),
      metricsJson: ended.result?.metricsJson ?? '{}',
    };
  });
}
