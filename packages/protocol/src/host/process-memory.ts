/** Memory of this process by its address, so that threads work on one vector whatever it lies in. */
import koffi from 'koffi';

/** Where an array lies. Good for as long as whoever asked keeps the array. */
export interface MemoryPlace {
  readonly address: bigint;
  readonly byteLength: number;
}

/** Where an array lies. */
export function placeOf(array: ArrayBufferView): MemoryPlace {
  return { address: koffi.address(array), byteLength: array.byteLength };
}

/** Memory at a place, in another thread than the one that made it too. Not to be touched once its maker let it go. */
export function memoryAt({ address, byteLength }: MemoryPlace): ArrayBuffer {
  return koffi.view(address, byteLength);
}
