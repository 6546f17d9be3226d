/** Lists the connected workers of a coordinator. */
import type { ConnectedWorker__Output, LockstepClient } from '@lockstep/client';
import { workersTable } from '../render/workers-table.js';
import { type ServerOptions, withClient } from '../with-client.js';

/** Options of `lockstep workers`. */
export interface WorkersOptions extends ServerOptions {
  readonly json?: true | undefined;
}

/** Workers that one call asks for. */
const PAGE_SIZE = 500;

/** Runs `lockstep workers`. */
export async function workers(options: WorkersOptions): Promise<void> {
  const found = await withClient(options, collect);
  if (options.json) for (const worker of found) process.stdout.write(`${JSON.stringify(workerJson(worker))}\n`);
  else if (found.length > 0) process.stdout.write(`${workersTable(found)}\n`);
  else process.stderr.write('no workers yet; lockstep worker --server HOST:PORT connects one\n');
}

async function collect(client: LockstepClient): Promise<ConnectedWorker__Output[]> {
  const found: ConnectedWorker__Output[] = [];
  let pageToken = '';
  do {
    const page = await client.workers(PAGE_SIZE, pageToken);
    found.push(...page.workers);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return found;
}

function workerJson({ workerId: worker, jobId, engine, ...rest }: ConnectedWorker__Output): Record<string, unknown> {
  const { name, version, provider, numericClass, reproducible } = engine ?? {};
  return { worker, ...rest, job: jobId || null, engine: { name, version, provider, numericClass, reproducible } };
}
