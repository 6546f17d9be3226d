/** Asks the system's loader for a shared library. */
import type { LibraryState } from '../core/machine-facts.js';

/** Whether a library that is named without a folder is found, and loads. Never throws. */
export async function libraryState(name: string): Promise<LibraryState> {
  if (process.platform !== 'linux') return 'unknown';
  const load = await loader();
  if (!load) return 'unknown';
  try {
    load(name);
    return 'found';
  } catch (thrown) {
    return /cannot open shared object file/.test(String(thrown)) ? 'missing' : 'unknown';
  }
}

/** koffi's, whose stacks have to be as large as the engine needs before it loads its first library; null without koffi. */
async function loader(): Promise<((name: string) => unknown) | null> {
  try {
    (await import('../onnxruntime/c-api/library.js')).loadLibrary();
    const { default: koffi } = await import('koffi');
    return (name) => koffi.load(name);
  } catch {
    return null;
  }
}
