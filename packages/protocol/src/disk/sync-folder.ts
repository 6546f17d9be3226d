/** Makes renames durable. */
import { open } from 'node:fs/promises';

/** Writes what a folder lists to the disk: without it, a power cut may take back a rename in it. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
