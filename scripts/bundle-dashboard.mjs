// Makes the coordinator's web page: packages/dashboard/bundle with index.html, one script and one style sheet, whose
// names have a hash of what is in them, and the licences of the libraries in the script.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { foldersOf, licences } from './packages-of.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, 'packages/dashboard');
const out = join(home, 'bundle');

/** A name that changes with its content, so that browsers may keep it for ever. */
function hashed(name, extension, text) {
  return `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 10)}.${extension}`;
}

async function script() {
  const bundle = await rolldown({
    input: join(home, 'src/main.tsx'),
    platform: 'browser',
    transform: { target: 'es2022' },
    onLog(level, log, handler) {
      if (level === 'warn') throw new Error(log.message);
      handler(level, log);
    },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments: { legal: false } });
  await bundle.close();
  if (output.length !== 1) throw new Error(`the page is ${output.length} files, not one`);
  return output[0];
}

/** Style sheets as one, without comments and indentation. */
function styles() {
  const files = [join(root, 'node_modules/uplot/dist/uPlot.min.css'), join(home, 'src/styles.css')];
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s*\n\s*/g, '\n');
}

/** Writes the page. @returns the folder, and ids of the modules that are in it */
export async function bundleDashboard() {
  const { code, moduleIds } = await script();
  const css = styles();
  const [js, sheet] = [hashed('dashboard', 'js', code), hashed('dashboard', 'css', css)];
  const html = readFileSync(join(home, 'index.html'), 'utf8').replace('SCRIPT', js).replace('STYLE', sheet);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  writeFileSync(join(out, 'assets', js), code);
  writeFileSync(join(out, 'assets', sheet), css);
  writeFileSync(join(out, 'index.html'), html);
  writeFileSync(join(out, 'THIRD_PARTY_LICENSES.txt'), licences(foldersOf(moduleIds)));
  return { folder: out, moduleIds };
}
