/** Folders of the coordinator, on the simulated disk. */
import { environment } from './environment.ts';

export async function makeFolder(path: string): Promise<null> {
  environment().disk.makeFolder(path);
  return null;
}
