// Joins the simulator with the sources of the packages, whose transports, disk and clock are replaced by simulated ones.
// `npm run simulate -- ARGS` bundles and runs it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const world = join(here, 'world');

/** Modules of the product and what stands in their place. */
const REPLACED = new Map([
  [join(root, 'packages/protocol/src/grpc/definitions.ts'), 'grpc-clients.ts'],
  [join(root, 'packages/protocol/src/grpc/server.ts'), 'grpc-server.ts'],
  [join(root, 'packages/protocol/src/grpc/tls-probe.ts'), 'tls-probe.ts'],
  [join(root, 'packages/protocol/src/nats/connect.ts'), 'nats.ts'],
  [join(root, 'packages/coordinator/src/http/server.ts'), 'http.ts'],
  [join(root, 'packages/protocol/src/disk/folder-lock.ts'), 'folder-lock.ts'],
  [join(root, 'packages/protocol/src/disk/make-folder.ts'), 'make-folder.ts'],
]);

/** Modules of Node that parts of the product get a simulated one for; no simulated coordinator has a file for its audit log. */
const REPLACED_OF_NODE = [
  { from: /^node:fs(\/promises)?$/, importer: /packages\/(coordinator\/src(?!\/doors\/audit-file)|data\/src\/(durable-file|manifest)|protocol\/src\/disk\/sync-folder)/, to: 'files.ts' },
  { from: /^node:crypto$/, importer: /packages\/coordinator\/src\/admission/, to: 'crypto.ts' },
  { from: /^node:timers\/promises$/, importer: /packages\/(coordinator|worker|protocol)\/src/, to: 'timers.ts' },
];

/**
 * Bundles the simulator into the folder `dist/NAME` here, where it finds node_modules.
 * @param patched folder whose files take the place of those with the same path in the repository
 * @returns path of the program
 */
export async function bundleSimulator(name, patched = null) {
  const simulated = {
    name: 'simulated',
    resolveId(source, importer) {
      if (!importer) return null;
      const node = REPLACED_OF_NODE.find(({ from, importer: whose }) => from.test(source) && whose.test(importer));
      if (node) return join(world, node.to);
      if (!source.startsWith('.') || importer.startsWith(world)) return null;
      const replaced = REPLACED.get(resolve(dirname(importer), source).replace(/\.js$/, '.ts'));
      return replaced ? join(world, replaced) : null;
    },
    transform(code, id) {
      return /\/packages\/.+\/core\//.test(id) ? code.replaceAll('Math.random', 'globalThis.chanceInCore') : null;
    },
    load(id) {
      const file = patched && join(patched, relative(root, id));
      return file && existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
  };
  const bundle = await rolldown({
    input: { simulate: join(here, 'main.ts') },
    platform: 'node',
    external: (id) => /^[a-z@]/.test(id) && !/^(@lockstep\/|node:)/.test(id),
    resolve: { conditionNames: ['lockstep-source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [simulated],
    logLevel: 'silent',
  });
  const out = join(here, 'dist', name);
  await bundle.write({ dir: out, format: 'esm' });
  await bundle.close();
  return join(out, 'simulate.js');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await import(pathToFileURL(await bundleSimulator('own')).href);
}
