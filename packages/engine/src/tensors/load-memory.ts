/** Aligned memory of this installation, and the rule that results are written in place only there. */
import type { AlignedMemory } from './aligned-memory.js';
import { type Fetches, runError } from './check-tensors.js';
import type { NumericData } from './element-types.js';

/** Memory by address where koffi is installed, else by WebAssembly pages. */
export async function loadMemory(): Promise<AlignedMemory> {
  try {
    return (await import('./addressed-memory.js')).addressedMemory;
  } catch {
    return (await import('./page-memory.js')).createPageMemory();
  }
}

/**
 * Refuses outputs off the boundary, also where results are copied and any place would do: code that works with one
 * adapter has to work with all.
 * @throws LockstepError ENGINE_RUN_FAILED naming the first
 */
export function checkBoundaries(memory: AlignedMemory, fetches: Fetches): void {
  for (const [name, tensor] of Object.entries(fetches)) {
    if (tensor && !memory.isAligned(tensor.data as NumericData)) {
      throw runError(`${name} does not start on a 64-byte boundary.`, name);
    }
  }
}
