/** Runs the built `lockstep` command as a user would, in processes of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The committed file that npm links as `lockstep`. */
export const BIN = join(ROOT, 'packages/cli/bin/lockstep.js');

/** How one run of the command ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Outcome of a job as `--json` prints it; only what tests look at. */
export interface JsonOutcome {
  readonly state: string;
  readonly job: string;
  readonly parametersSha256: string;
  readonly lanes: number;
  readonly epochs: number;
  readonly skippedSteps: number;
  readonly earlyStopping: object | null;
  readonly numericClass: string;
  readonly link: string;
  readonly reproducible: boolean;
  readonly metrics: { readonly test: Readonly<Record<string, number>> };
  readonly model: string;
  readonly exportDifference: number;
  readonly trace: { readonly steps: number; readonly slowestWorker: { readonly worker: string } | null } | null;
  readonly seconds: { readonly total: number; readonly toFirstStep: number };
  readonly error?: {
    readonly code: string;
    readonly field: string;
    readonly value: string;
    readonly message: string;
    readonly fix: string;
    readonly problems?: readonly { path: string; line?: number; code: string; message: string; suggestion?: string }[];
  };
}

/** How to run the command. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The node binary. @default the one that runs the tests */
  readonly node?: string;
  readonly input?: string;
  /** In a process group of its own, so that a test can interrupt it as a terminal does. */
  readonly detached?: boolean;
}

/** Starts the command without waiting for it. */
export function startLockstep(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(options.node ?? process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.detached ?? false,
  });
}

/** Runs the command to its end. */
export function lockstep(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const child = startLockstep(args, options);
  return finish(child);
}

/** Collects a started command's output until it ends. */
export function finish(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Waits until a command has printed a text. @returns what it had printed then */
export function seen(
  command: ChildProcess,
  stream: 'stdout' | 'stderr',
  text: string,
  ended: Promise<CommandResult>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    command[stream]?.on('data', (piece: string) => {
      printed += piece;
      if (printed.includes(text)) resolve(printed);
    });
    void ended.then((result) => reject(new Error(`ended before "${text}": ${JSON.stringify(result)}`)));
  });
}

/** The last line of stdout as JSON. */
export function lastJson(result: CommandResult): JsonOutcome {
  const line = result.stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as JsonOutcome;
  } catch {
    throw new Error(`no JSON on the last line of stdout.\nstdout: ${result.stdout}\nstderr: ${result.stderr}`);
  }
}

/** Trains and returns the outcome; fails with the command's output unless the exit code is 0. */
export async function trainJson(args: readonly string[], options: RunOptions = {}): Promise<JsonOutcome> {
  const result = await lockstep(['train', ...args, '--json', '--quiet'], options);
  if (result.code !== 0) throw new Error(`exit ${result.code}\nstdout: ${result.stdout}\nstderr: ${result.stderr}`);
  return lastJson(result);
}

/** A new empty folder that is removed after the test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
