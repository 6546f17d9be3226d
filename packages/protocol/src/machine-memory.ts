/** The memory that processes on this machine share. */
import { totalmem } from 'node:os';

/** Bytes of the machine, or of the control group that this process is held to. */
export function machineMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
