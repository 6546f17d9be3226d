// Runs a bench on any supported Node: `node bench/run.mjs bench ARGS` compiles bench/*.ts into bench/dist and runs bench.js.
// The packages stay outside, so what is measured is their own build. `npm run build` comes first.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const folder = fileURLToPath(new URL('.', import.meta.url));
const out = join(folder, 'dist');
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const [name = 'bench'] = process.argv.splice(2, 1);

if (!sources.includes(`${name}.ts`)) fail(`There is no bench/${name}.ts.`);
if (!existsSync(join(folder, '../packages/cli/bundle'))) fail('The packages are not built yet. Run: npm run build');
rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(sources.map((file) => [basename(file, '.ts'), join(folder, file)])),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  onLog(level, log, handler) {
    if (level === 'warn') throw new Error(log.message);
    handler(level, log);
  },
});
await bundle.write({ dir: out, format: 'esm' });
await bundle.close();
process.argv[1] = join(out, `${name}.js`);
const { main } = await import(pathToFileURL(process.argv[1]).href);
await main(process.argv.slice(2));

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
