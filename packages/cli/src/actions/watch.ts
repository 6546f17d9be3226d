/** Follows a job of a running coordinator. */
import { noteJob } from '../failure-report.js';
import { bringHome, followJob, jobError } from '../follow-job.js';
import { succeededOutcome } from '../outcome.js';
import { createProgress, type Progress } from '../render/progress.js';
import { classReportOf, summaryText } from '../render/summary.js';
import { claimRunFolder } from '../run-folder.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep watch`. */
export interface WatchOptions extends ServerOptions {
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep watch`. @throws the job's error when it did not succeed */
export async function watch(jobId: string, options: WatchOptions): Promise<void> {
  const folder = options.out ? await claimRunFolder({ out: options.out, name: '' }) : null;
  await withClient(options, async (client) => {
    noteJob((await client.get(jobId)).id);
    const progress = options.json ? jsonEvents() : createProgress({ stream: process.stderr, quiet: false });
    const job = await followJob(client, jobId, progress);
    if (folder) {
      const outcome = await bringHome(client, job, folder, { note: (text) => process.stderr.write(`${text}\n`) });
      const classes = classReportOf(job.result?.metricsJson);
      process.stdout.write(options.json ? `${JSON.stringify(outcome)}\n` : summaryText(outcome, classes));
    } else if (job.state !== 'JOB_STATE_SUCCEEDED') {
      throw jobError(job);
    } else if (options.json) {
      // The same object as of the other verbs, but there is no model here.
      process.stdout.write(`${JSON.stringify({ ...succeededOutcome(job, ''), model: null })}\n`);
    } else {
      process.stdout.write(`${job.id} succeeded; lockstep watch ${job.id} --out DIR downloads it\n`);
    }
  });
}

function jsonEvents(): Progress {
  return {
    event: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
    note: () => {},
    end: () => {},
  };
}
