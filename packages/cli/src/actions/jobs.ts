/** Lists the jobs of a coordinator. */
import type { Job__Output, LockstepClient } from '@lockstep/client';
import { jobJson } from '../job-json.js';
import { parseCount } from '../options.js';
import { jobsTable } from '../render/jobs-table.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep jobs`. */
export interface JobsOptions extends ServerOptions {
  readonly limit: string;
  readonly json?: true | undefined;
}

/** Jobs that one call asks for. */
const PAGE_SIZE = 50;

/** Runs `lockstep jobs`. @throws LockstepError USAGE for a limit that is no number */
export async function jobs(options: JobsOptions): Promise<void> {
  const limit = parseCount(options.limit, '--limit') || Number.POSITIVE_INFINITY;
  const { found, isMore } = await withClient(options, (client) => collect(client, limit));
  if (options.json) for (const job of found) process.stdout.write(`${JSON.stringify(jobJson(job))}\n`);
  else if (found.length > 0) process.stdout.write(`${jobsTable(found)}\n`);
  else process.stderr.write('no jobs yet; lockstep submit SPEC sends one\n');
  if (isMore && !options.json) process.stderr.write(`the newest ${limit}; --limit 0 lists all\n`);
}

async function collect(client: LockstepClient, limit: number): Promise<{ found: Job__Output[]; isMore: boolean }> {
  const found: Job__Output[] = [];
  let pageToken = '';
  do {
    const page = await client.list(Math.min(PAGE_SIZE, limit - found.length), pageToken);
    found.push(...page.jobs);
    pageToken = page.nextPageToken;
  } while (pageToken && found.length < limit);
  return { found, isMore: pageToken !== '' };
}
