/** Child processes of a bench: messages, failures with their last words, and a sure end. */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pinned } from './cores.ts';

/** Characters of stderr that a failure shows. */
const MAX_TAIL = 2000;
/** Time that a process may take to end when told to. */
const STOP_MS = 5000;

/** A process that must not end before it is stopped. */
export class Child<Report extends object = never> {
  /** Rejects when it ends by itself. */
  readonly failed: Promise<never>;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #lines: AsyncIterator<string>;
  #isStopping = false;

  private constructor(name: string, child: ChildProcess) {
    this.#process = child;
    let tail = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-MAX_TAIL);
    });
    child.stdin?.on('error', () => {});
    this.#lines = createInterface({ input: child.stdout ?? Readable.from([]) })[Symbol.asyncIterator]();
    this.#exited = new Promise((resolve) => child.once('close', () => resolve()));
    this.failed = new Promise((_resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        if (!this.#isStopping) reject(new Error(`${name} ended (${signal ?? code}). ${tail.trim()}`));
      });
    });
    this.failed.catch(() => {});
  }

  /** Starts a file that lies beside this one once compiled. */
  static fork<Report extends object>(file: string, argument: string, core?: number): Child<Report> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const [execPath = '', ...execArgv] = pinned(core, process.execPath);
    const child = fork(path, [argument], { execPath, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    return new Child<Report>(file, child);
  }

  /** Starts such a file without messages, with standard input and output instead. */
  static beside(file: string, args: readonly string[], core?: number): Child {
    return Child.program(file, [process.execPath, fileURLToPath(new URL(file, import.meta.url)), ...args], core);
  }

  /** Starts the `lockstep` command, which ends with this process. */
  static lockstep(args: readonly string[], core?: number): Child {
    return Child.program(`lockstep ${args[0]}`, [process.execPath, commandPath(), ...args], core);
  }

  /** Starts a program. */
  static program(name: string, command: readonly string[], core?: number, env: NodeJS.ProcessEnv = {}): Child {
    const [program = '', ...args] = pinned(core, ...command);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    return new Child(name, child);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next line of its standard output. */
  async line(): Promise<string> {
    const { value, done } = await Promise.race([this.#lines.next(), this.failed]);
    if (done) throw new Error('a process has closed its standard output');
    return value;
  }

  /** Writes a line to its standard input. */
  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** The next report that has a field. */
  next<Field extends KeyOfAny<Report>>(field: Field): Promise<Extract<Report, Record<Field, unknown>>> {
    const found = new Promise<Extract<Report, Record<Field, unknown>>>((resolve) => {
      const listener = (message: unknown): void => {
        if (typeof message !== 'object' || message === null || !(field in message)) return;
        this.#process.off('message', listener);
        resolve(message as Extract<Report, Record<Field, unknown>>);
      };
      this.#process.on('message', listener);
    });
    return Promise.race([found, this.failed]);
  }

  /** Sends a message. */
  tell(message: object): void {
    this.#process.send?.(message);
  }

  /** Ends it, by force if it must be. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** Runs the `lockstep` command to its end, or until it is told to stop. @returns its stdout. @throws Error with what it printed */
export async function lockstep(args: readonly string[], signal?: AbortSignal): Promise<string> {
  return (await promisify(execFile)(process.execPath, [commandPath(), ...args], { signal })).stdout;
}

function commandPath(): string {
  return createRequire(import.meta.url).resolve('@lockstep/cli/bin/lockstep.js');
}

type KeyOfAny<Union> = Union extends Union ? keyof Union & string : never;
