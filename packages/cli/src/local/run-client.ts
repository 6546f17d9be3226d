/** Runs another program's command, for what is fetched or built by a client of its own. */
import { execFile } from 'node:child_process';
import { withoutAccess } from './processes.js';

/** How long it may take, what ends it early, where it runs, and what is added to its environment. */
export interface ClientOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Characters of output that are kept: a compiler has much to say of one fault. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** Runs a command to its end. @returns its standard output. @throws Error with its last words, or that it is not installed */
export function runClient(program: string, args: readonly string[], options: ClientOptions): Promise<string> {
  const { timeoutMs, signal, cwd, env } = options;
  const how = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: MAX_OUTPUT };
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { ...how, ...{ signal, cwd, env: { ...withoutAccess(process.env), ...env } } },
      (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (error.code === ('ENOENT' as unknown)) reject(new Error(`${program} is not installed`));
        else if (error.killed) reject(new Error(`${program} took more than ${timeoutMs / 1000} s`));
        else reject(new Error(stderr.trim().split('\n').at(-1) || error.message, { cause: error }));
      },
    );
  });
}
