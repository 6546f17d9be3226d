// Joins the simulator with the sources of the packages, whose transports, disk and clock are replaced by simulated ones:
// `node test/simulation/bundle.mjs OUT [ROOT]`. `npm run simulate -- ARGS` bundles and runs it.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));

/** Modules of the product and what stands in their place. */
const REPLACED = {
  'packages/protocol/src/grpc/definitions.ts': 'grpc-clients.ts',
  'packages/protocol/src/grpc/server.ts': 'grpc-server.ts',
  'packages/protocol/src/nats/connect.ts': 'nats.ts',
  'packages/coordinator/src/http/server.ts': 'http.ts',
};

/** Modules of Node that parts of the product get a simulated one for. */
const REPLACED_OF_NODE = [
  { from: /^node:fs(\/promises)?$/, importer: /packages\/(coordinator\/src|data\/src\/durable-file)/, to: 'files.ts' },
  { from: /^node:crypto$/, importer: /packages\/coordinator\/src\/job-queue/, to: 'crypto.ts' },
];

/** Bundles the simulator of a copy of the sources. */
export async function bundleSimulator(out, root = resolve(here, '../..')) {
  const world = (name) => join(root, 'test/simulation/world', name);
  const replaced = new Map(Object.entries(REPLACED).map(([path, name]) => [join(root, path), world(name)]));
  const simulated = {
    name: 'simulated',
    async resolveId(source, importer) {
      if (!importer) return null;
      const node = REPLACED_OF_NODE.find(({ from, importer: whose }) => from.test(source) && whose.test(importer));
      if (node) return world(node.to);
      if (!source.startsWith('.') || importer.startsWith(world(''))) return null;
      return replaced.get(resolve(dirname(importer), source).replace(/\.js$/, '.ts')) ?? null;
    },
  };
  const bundle = await rolldown({
    input: { simulate: join(root, 'test/simulation/main.ts') },
    platform: 'node',
    external: (id) => /^[a-z@]/.test(id) && !/^(@lockstep\/|node:)/.test(id),
    resolve: { conditionNames: ['lockstep-source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [simulated],
    logLevel: 'silent',
  });
  await bundle.write({ dir: out, format: 'esm', sourcemap: false });
  await bundle.close();
  return join(out, 'simulate.js');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = join(here, 'dist');
  const entry = await bundleSimulator(out);
  await import(pathToFileURL(entry).href);
}
