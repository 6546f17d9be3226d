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
        else
          reject(
            new Error(lastWords(stderr) ?? `${program} ended with ${error.code ?? error.signal}`, { cause: error }),
          );
      },
    );
  });
}

/** Lines that say what went wrong. Python's and pip's, compilers' and npm's each have their form. */
const ERROR_LINE = /error[:(]|^npm error \S/i;
/** The end of everything that npm says, and of what gcc does. */
const NO_REASON = /A complete log of this run|^compilation terminated/;

/** The first and the last line about an error, else the last one; null where a program ended without a word. */
function lastWords(stderr: string): string | null {
  const lines = stderr.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => line !== '' && !NO_REASON.test(line));
  const errors = words.filter((line) => ERROR_LINE.test(line));
  return [...new Set([errors[0] ?? words.at(-1), errors.at(-1)])].filter(Boolean).join('; ') || null;
}
