/** Looks for Vulkan on a Linux machine, as its loader does. */
import { basename, delimiter, join } from 'node:path';
import type { VulkanFacts } from '../core/machine-facts.js';
import { libraryState } from './library-state.js';
import { namesIn } from './read-text.js';

/** Where the loader looks for manifests of drivers, unless the environment names them. */
const FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Everything of Vulkan that shows. On other systems WebGPU computes through Metal or Direct3D, whatever manifests lie there. */
export async function probeVulkan(): Promise<VulkanFacts> {
  return { loader: await libraryState('libvulkan.so.1'), drivers: drivers() };
}

function drivers(): readonly string[] {
  if (process.platform !== 'linux') return [];
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named !== undefined)
    return named
      .split(delimiter)
      .filter(Boolean)
      .map((path) => basename(path));
  const home = process.env.HOME;
  const folders = [...FOLDERS, ...(home ? [join(home, '.local/share/vulkan/icd.d')] : [])];
  return folders.flatMap((folder) => namesIn(folder).filter((name) => name.endsWith('.json')));
}
