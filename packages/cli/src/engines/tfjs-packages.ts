/** TensorFlow.js's npm packages for a build, installed without their scripts and checked against pinned sums. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NativeBuild, nativePackage, TFJS_VERSION } from '@lockstep/engine';
import { runClient } from '../local/run-client.js';

/** Version of the package with Node's headers, those of the stable native interface. */
const HEADERS_VERSION = '1.9.0';

/** Sums of the packages whose code computes or is compiled, as npm states them. A published package never changes. */
export const INTEGRITY: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs': 'sha512-0TrIrXs6/b7FLhLVNmfh8Sah6JgjBPH4mZ8JGb7NU6WW+cx00qK5BcAZxw7NCzxj6N8MRAIfHq+oNbPUNG5VAg==',
  '@tensorflow/tfjs-backend-cpu':
    'sha512-1u0FmuLGuRAi8D2c3cocHTASGXOmHc/4OvoVDENJayjYkS119fcTcQf4iHrtLthWyDIPy3JiPhRrZQC9EwnhLw==',
  '@tensorflow/tfjs-core':
    'sha512-LEkOyzbknKFoWUwfkr59vSB68DMJ4cjwwHgicXN0DUi3a0Vh1Er3JQqCI1Hl86GGZQvY8ezVrtDIvqR1ZFW55A==',
  '@tensorflow/tfjs-layers':
    'sha512-lybPj4ZNj9iIAPUj7a8ZW1hg8KQGfqWLlCZDi9eM/oNKCCAgchiyzx8OrYoWmRrB+AM6VNEeIT+2gZKg5ReihA==',
  '@tensorflow/tfjs-node':
    'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  '@tensorflow/tfjs-node-gpu':
    'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
  'node-api-headers': 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
};

const TIMEOUT_MS = 900_000;
const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

/** Fills `node_modules` of an empty folder. @throws Error with npm's last words, or naming a package with another sum */
export async function installPackages(
  build: NativeBuild,
  folder: string,
  { npm, signal }: { readonly npm: string; readonly signal: AbortSignal },
): Promise<void> {
  const dependencies = { [nativePackage(build)]: TFJS_VERSION, 'node-api-headers': HEADERS_VERSION };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await runClient(npm, ['install', ...FLAGS], { cwd: folder, signal, timeoutMs: TIMEOUT_MS });
  const lock = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  for (const [name, sum] of Object.entries(INTEGRITY)) {
    const found = lock.packages[`node_modules/${name}`];
    if (found && found.integrity !== sum) throw new Error(`npm gave another ${name} than the pinned one`);
    if (!found && name in dependencies) throw new Error(`npm gave no ${name}`);
  }
}
