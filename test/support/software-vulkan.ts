/** Vulkan in software, for WebGPU on machines without a GPU: SwiftShader, which comes with Chromium. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { NATIVE_STACK_BYTES } from '../../packages/engine/src/limits.ts';

/** Where Debian puts Chromium's libraries. */
const FOLDER = process.env.LOCKSTEP_CHROMIUM_LIBRARIES ?? '/usr/lib/chromium';

/**
 * Makes WebGPU of this process compute with it. To be called before the first engine is loaded.
 * @throws Error saying what to install
 */
export function useSoftwareVulkan(): void {
  const loader = join(FOLDER, 'libvulkan.so.1');
  const manifest = join(FOLDER, 'vk_swiftshader_icd.json');
  if (!existsSync(loader) || !existsSync(manifest)) {
    throw new Error(
      `${FOLDER} has no Vulkan. Install Chromium (apt-get install -y chromium), or set LOCKSTEP_CHROMIUM_LIBRARIES to the folder of its libvulkan.so.1 and vk_swiftshader_icd.json.`,
    );
  }
  process.env.VK_ICD_FILENAMES = manifest;
  koffi.config({ sync_stack_size: NATIVE_STACK_BYTES, async_stack_size: NATIVE_STACK_BYTES });
  // The library is then loaded already when WebGPU asks for it by its name.
  koffi.load(loader);
}
