/** Whether a process id is in use. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // One of another user may not be signalled, but runs.
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
