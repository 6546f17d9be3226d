/** Stops a process for a while; it goes on also when this command is killed meanwhile. */
import { spawn } from 'node:child_process';

/** Shell program that waits until standard input closes, which the death of this command does too. */
const RESUMER = 'read -r _; kill -CONT "$1" 2>/dev/null';

/** Sends SIGSTOP. @returns what sends SIGCONT */
export function pauseProcess(pid: number): () => void {
  // A session of its own, so that a signal to the group of this command spares it.
  const resumer = spawn('/bin/sh', ['-c', RESUMER, 'lockstep-resumer', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  for (const part of [resumer, resumer.stdin]) part.on('error', () => {});
  send(pid, 'SIGSTOP');
  return () => {
    resumer.stdin.end();
    send(pid, 'SIGCONT');
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
