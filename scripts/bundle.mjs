// Joins the command and its JavaScript libraries into few files, so that each of its processes starts in half the time,
// with the page that a coordinator serves. Native packages stay outside. Writes packages/cli/bundle with the licences of all that it holds, and a list of it.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { bundleDashboard } from './bundle-dashboard.mjs';
import { installBundle } from './install-bundle.mjs';
import { foldersOf, licences, packageOf, packages } from './packages-of.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'packages/cli/bundle');
/** Written beside the last one, which a running command may still read from. */
const out = `${target}.new`;
/** What the command's package depends on holds native libraries or need not be there; it is loaded from node_modules at run time. */
const manifest = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

/** CommonJS packages that read `proto` beside their code find a copy of it under `bundle/files`. */
const filesBeside = {
  name: 'files-beside',
  transform(code, id) {
    const folder = packageOf(id);
    const protos = ['proto', 'build/proto'].find((name) => folder && existsSync(join(folder, name)));
    if (!protos || !/__dirname.*proto/.test(code)) return null;
    const copy = join('files', relative(join(root, 'node_modules'), folder));
    cpSync(join(folder, protos), join(out, copy, protos), { recursive: true });
    const beside = join(copy, relative(folder, dirname(id)));
    return `const __dirname = require('node:url').fileURLToPath(new URL(${JSON.stringify(beside)}, import.meta.url));\n${code}`;
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
const bundle = await rolldown({
  input: {
    lockstep: join(root, 'packages/cli/src/main.ts'),
    'prepare-process': join(root, 'packages/data/src/prepare-process.ts'),
    'parquet-process': join(root, 'packages/data/src/parquet-process.ts'),
    'update-thread': join(root, 'packages/coordinator/src/update-thread.ts'),
  },
  platform: 'node',
  external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  resolve: { conditionNames: ['lockstep-source', 'node', 'import'] },
  plugins: [filesBeside],
  onLog(level, log, handler) {
    if (level === 'warn') throw new Error(log.message);
    handler(level, log);
  },
});
const { output } = await bundle.write({ dir: out, format: 'esm' });
await bundle.close();
const dashboard = await bundleDashboard();
for (const part of ['index.html', 'assets']) {
  cpSync(join(dashboard.folder, part), join(out, 'dashboard', part), { recursive: true });
}
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
const folders = foldersOf([...modules, ...dashboard.moduleIds]);
writeFileSync(join(out, 'THIRD_PARTY_LICENSES.txt'), licences(folders));
writeFileSync(join(out, 'packages.json'), `${JSON.stringify(packages(folders), null, 1)}\n`);
installBundle(out, target, output.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
