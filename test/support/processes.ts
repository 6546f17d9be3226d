/** What runs on this machine, as ps tells it. */
import { type ChildProcess, execFileSync } from 'node:child_process';

/** One process. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** Program and arguments. */
  readonly args: string;
}

/** Every process. */
export function processTable(): ProcessRow[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent && args ? [{ pid: Number(pid), parent: Number(parent), args }] : [];
  });
}

/** Process ids of the children of a command whose arguments hold a word. */
export function childrenOf(command: ChildProcess, word: string): number[] {
  return processTable().flatMap(({ pid, parent, args }) =>
    parent === command.pid && args.includes(word) ? [pid] : [],
  );
}
