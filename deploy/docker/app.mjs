/**
 * Lays out what an image runs: the bundled command and the native packages of its role, for this platform alone.
 * Usage: node app.mjs ROLE FOLDER
 */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Native packages that a role calls. A coordinator has no engine, a worker reads no Parquet. */
const NATIVE = {
  coordinator: ['@duckdb/node-api', 'koffi'],
  worker: ['koffi', 'onnxruntime-node'],
  'worker-cuda': ['koffi', 'onnxruntime-node'],
  'all-in-one': ['@duckdb/node-api', 'koffi', 'onnxruntime-node'],
};
/** What only the install script of a package needs. */
const NOT_AT_RUN_TIME = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };

const root = fileURLToPath(new URL('../..', import.meta.url));
const [role, out] = process.argv.slice(2);
const { platform, arch } = process;

/** Whether a file of a package is of use on this platform. */
function isWanted(path) {
  const inside = path.split(sep).join('/');
  const binary = /\/onnxruntime-node\/bin\/napi-v\d+\/(\w+)(?:\/(\w+))?/.exec(inside);
  if (binary) return binary[1] === platform && (binary[2] ?? arch) === arch;
  return !/\/(onnxruntime-node\/script|koffi\/(doc|vendor)|@koromix\/[^/]+\/musl_\w+)(\/|$)/.test(inside);
}

function copyPackage(name, copied) {
  const folder = join(root, 'node_modules', name);
  if (copied.has(name) || !existsSync(folder)) return;
  copied.add(name);
  cpSync(realpathSync(folder), join(out, 'node_modules', name), { recursive: true, filter: isWanted });
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const unused = NOT_AT_RUN_TIME[name] ?? [];
  for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!unused.includes(other)) copyPackage(other, copied);
  }
}

if (!NATIVE[role] || !out) throw new Error(`usage: node app.mjs ${Object.keys(NATIVE).join('|')} FOLDER`);
mkdirSync(out, { recursive: true });
for (const part of ['bin', 'bundle', 'package.json']) {
  cpSync(join(root, 'packages/cli', part), join(out, part), { recursive: true });
}
cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
cpSync(join(dirname(fileURLToPath(import.meta.url)), 'health.js'), join(out, 'health.js'));
const copied = new Set();
for (const name of NATIVE[role]) copyPackage(name, copied);
