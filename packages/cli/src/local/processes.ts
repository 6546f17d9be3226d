/** Processes of this very command, tied to their parent by standard input: closed means end. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BIN_PATH } from '../bin-path.js';

/** How a process ended. */
export interface ChildExit {
  readonly reason: string;
  readonly stderrTail: string;
}

/** A running child. */
export interface ChildCommand {
  /** Null where it could not be started. */
  readonly pid: number | null;
  /** First line of its stdout; rejects never: an end without one is '' . */
  readonly firstLine: Promise<string>;
  readonly exited: Promise<ChildExit>;
  /** Writes a line to its stdin. */
  tell(line: string): void;
  /** Sends a signal and waits for nothing. */
  signal(name: NodeJS.Signals): void;
  /** Kills it, and what it has started in a session of its own. */
  killAll(): void;
  /** Asks it to end, by a signal or by closing its stdin, and kills it if it does not. */
  stop(signal?: 'SIGTERM'): Promise<void>;
}

/** Characters of a child's stderr that are kept. */
const MAX_TAIL = 4000;
/** Milliseconds a child may take to end by itself. */
const STOP_MS = 2000;
/** Milliseconds a child that was told to end in order may take. */
const ORDERLY_STOP_MS = 4000;
/** Milliseconds that a dead child's last words may take. */
const DRAIN_MS = 500;

/** How a process is started. */
export interface SpawnOptions {
  /** A session of its own: Ctrl-C in a terminal goes to the command alone, which ends things in order. */
  readonly ownSession?: true;
  /** Told of each line of its stderr. */
  readonly onErrorLine?: (line: string) => void;
}

/** The environment without what is meant for coordinators and nats-servers elsewhere: options say what those of this command need. */
export function withoutAccess(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^LOCKSTEP_(TLS_|TOKENS?$|NATS_(?!SERVER$))/.test(name)),
  );
}

/** Starts `lockstep ARGS`. */
export function spawnLockstep(args: readonly string[], { ownSession, onErrorLine }: SpawnOptions = {}): ChildCommand {
  const child = spawn(process.execPath, [BIN_PATH, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...withoutAccess(process.env), LOCKSTEP_CHILD: '1' },
    detached: ownSession === true,
  });
  if (onErrorLine) createInterface({ input: child.stderr }).on('line', onErrorLine);
  child.stdin.on('error', () => {});
  let out = '';
  let isFirstLine = true;
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-MAX_TAIL);
  });
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', (error) => resolve({ reason: error.message, stderrTail: tail }));
    child.once('exit', (code, signal) => {
      const reason = signal ? `killed by ${signal}` : `exit code ${code}`;
      const settle = (): void => resolve({ reason, stderrTail: tail });
      // A grandchild that holds the pipes open must not keep this waiting.
      const timer = setTimeout(settle, DRAIN_MS);
      child.once('close', () => {
        clearTimeout(timer);
        settle();
      });
    });
  });
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (isFirstLine) out += text;
      const end = out.indexOf('\n');
      if (end < 0) return;
      isFirstLine = false;
      resolve(out.slice(0, end));
    });
    exited.then(() => resolve(''));
  });
  return {
    pid: child.pid ?? null,
    firstLine,
    exited,
    tell: (line) => void child.stdin.write(`${line}\n`),
    signal: (name) => void child.kill(name),
    killAll() {
      child.kill('SIGKILL');
      try {
        if (ownSession && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nobody of it is left.
      }
    },
    async stop(signal) {
      if (signal) child.kill(signal);
      else child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), signal ? ORDERLY_STOP_MS : STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
