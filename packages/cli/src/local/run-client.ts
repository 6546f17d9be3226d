/** Runs another program's command, for sources that are fetched by a client of their own. */
import { execFile } from 'node:child_process';
import { withoutAccess } from './processes.js';

/** How long it may take, what ends it early, and its environment. */
export interface ClientOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end. @returns its standard output. @throws Error with its last words, or that it is not installed */
export function runClient(program: string, args: readonly string[], options: ClientOptions): Promise<string> {
  const { timeoutMs, signal, env = withoutAccess(process.env) } = options;
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL', signal, env }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === ('ENOENT' as unknown)) reject(new Error(`${program} is not installed`));
      else if (error.killed) reject(new Error(`${program} took more than ${timeoutMs / 1000} s`));
      else reject(new Error(stderr.trim().split('\n').at(-1) || error.message, { cause: error }));
    });
  });
}
