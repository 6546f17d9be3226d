/** Guards the shape of the code: one-way imports, pure cores, sizes, tables that equal their folders, the five files of a step. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { FILE_LINES_EXCEPTIONS } from './tidy-exceptions.ts';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** What each package may import from the others. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  spec: ['protocol'],
  model: ['protocol', 'spec'],
  engine: ['protocol', 'model'],
  data: ['protocol', 'spec', 'model'],
  coordinator: ['protocol', 'spec', 'model', 'data'],
  worker: ['protocol', 'engine'],
  client: ['protocol'],
  cli: ['protocol', 'spec', 'model', 'engine', 'data', 'coordinator', 'worker', 'client'],
  dashboard: [],
};

/** Folders whose files, one per thing, are all listed in the folder's table.ts. */
const TABLE_FOLDERS = [
  'packages/model/src/layers',
  'packages/model/src/losses',
  'packages/model/src/initializers',
  'packages/coordinator/src/core/optimizers',
  'packages/coordinator/src/core/schedules',
  'packages/cli/src/commands',
];

const NOT_PURE = /^(node:|@grpc\/|@nats-io\/|pino|prom-client|koffi|onnxruntime|@tensorflow\/|@duckdb\/)/;
const IMPURE_GLOBALS =
  /\b(Date\.now|new Date\b|performance\.|Math\.random|setTimeout|setInterval|setImmediate|process\.)/;
const MAX_FILE_LINES = 400;
const MAX_PACKAGE_MEDIAN = 150;

interface SourceFile {
  readonly path: string;
  readonly package: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function listFiles(): readonly SourceFile[] {
  const out = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'packages'], {
    cwd: root,
    encoding: 'utf8',
  });
  return out
    .split('\n')
    .filter((path) => /\/src\/.*\.tsx?$/.test(path) && !path.includes('/gen/') && existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, package: path.split('/')[1] ?? '', text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): string[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const fixed = module.staticImports.map((found) => found.moduleRequest.value);
  const exported = module.staticExports.flatMap((found) =>
    found.entries.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : [])),
  );
  const dynamic = module.dynamicImports.map((found) =>
    text.slice(found.moduleRequest.start, found.moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
  );
  return [...new Set([...fixed, ...exported, ...dynamic])];
}

const files = listFiles();
const sources = files.filter((file) => !file.path.endsWith('.test.ts') && !file.path.includes('/testing/'));

function isPure(path: string): boolean {
  return path.includes('/core/') || path.startsWith('packages/model/');
}

function exportsOf(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  return Object.keys(manifest.exports);
}

describe('tidy', () => {
  it('imports between packages go one way, by package name, and are declared', () => {
    const faults: string[] = [];
    for (const file of sources) {
      const manifest = JSON.parse(readFileSync(join(root, 'packages', file.package, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
        devDependencies?: Record<string, string>;
        peerDependencies?: Record<string, string>;
      };
      // What the command and the page import is in their bundles, but for native libraries.
      const listed = ['cli', 'dashboard'].includes(file.package) ? manifest.devDependencies : manifest.dependencies;
      const declared = { ...listed, ...manifest.peerDependencies };
      for (const target of file.imports) {
        const own = /^@lockstep\/([a-z]+)(\/.*)?$/.exec(target);
        if (own) {
          if (!ALLOWED[file.package]?.includes(own[1] ?? '')) faults.push(`${file.path} must not import ${target}`);
          if (own[2] && !exportsOf(own[1] ?? '').includes(`.${own[2]}`))
            faults.push(`${file.path} reaches into ${target}`);
        } else if (target.startsWith('.')) {
          const reached = relative(root, resolve(root, dirname(file.path), target));
          if (!reached.startsWith(`packages/${file.package}/`))
            faults.push(`${file.path} leaves its package: ${target}`);
        } else if (!target.startsWith('node:') && !builtinModules.includes(target)) {
          const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0];
          if (!declared[name ?? '']) faults.push(`${file.path} imports undeclared ${target}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it('folders are made by makeFolder: a recursive mkdir of Node never returns below /proc', () => {
    const spinning = sources.filter(({ text }) => /\bmkdir(Sync)?\([^;]*recursive/.test(text));
    expect(spinning.map(({ path }) => path)).toEqual([]);
  });

  it('no import cycle exists inside a package', () => {
    const graph = new Map<string, string[]>();
    for (const file of sources) {
      const targets = file.imports
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(root, resolve(root, dirname(file.path), target)).replace(/\.js$/, ''))
        .map((path) => sources.find((candidate) => candidate.path.replace(/\.tsx?$/, '') === path)?.path ?? path);
      graph.set(file.path, targets);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('cores are pure: no sockets, files, clocks, timers or randomness', () => {
    const faults: string[] = [];
    for (const file of sources.filter((candidate) => isPure(candidate.path))) {
      for (const target of file.imports) {
        if (NOT_PURE.test(target) || target === '@lockstep/protocol') faults.push(`${file.path} imports ${target}`);
      }
      const code = file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
      const impure = IMPURE_GLOBALS.exec(code);
      if (impure) faults.push(`${file.path} uses ${impure[1]}`);
    }
    expect(faults).toEqual([]);
  });

  it('files stay short, and an exception may only shrink', () => {
    const faults: string[] = [];
    for (const file of sources) {
      const lines = file.text.split('\n').length - 1;
      const limit = FILE_LINES_EXCEPTIONS[file.path] ?? MAX_FILE_LINES;
      if (lines > limit) faults.push(`${file.path}: ${lines} lines, at most ${limit}`);
    }
    for (const [path, limit] of Object.entries(FILE_LINES_EXCEPTIONS)) {
      const file = sources.find((candidate) => candidate.path === path);
      const lines = file ? file.text.split('\n').length - 1 : 0;
      if (lines < limit) faults.push(`${path} shrank to ${lines} lines: lower or remove its exception (${limit})`);
    }
    expect(faults).toEqual([]);
  });

  it('the median file of each package stays below 150 lines', () => {
    for (const name of Object.keys(ALLOWED)) {
      const lengths = sources.filter((file) => file.package === name).map((file) => file.text.split('\n').length);
      lengths.sort((a, b) => a - b);
      const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
      expect(median, `median of ${name}`).toBeLessThanOrEqual(MAX_PACKAGE_MEDIAN);
    }
  });

  it.each(TABLE_FOLDERS)('the table of %s lists exactly its folder', (folder) => {
    const table = sources.find((file) => file.path === `${folder}/table.ts`);
    expect(table, `${folder}/table.ts`).toBeDefined();
    const contract = basename(folder)
      .replace(/izers$/, 'izer')
      .replace(/ers$/, 'er')
      .replace(/ses$/, 's')
      .replace(/les$/, 'le');
    const inFolder = sources
      .filter((file) => dirname(file.path) === folder)
      .map((file) => basename(file.path, '.ts'))
      .filter((name) => name !== 'table' && name !== contract && name !== contract.replace(/s$/, ''));
    const listed = (table?.imports ?? [])
      .filter((target) => target.startsWith('./'))
      .map((target) => basename(target, '.js'))
      .filter((name) => name !== contract && name !== contract.replace(/s$/, ''));
    expect(listed.sort()).toEqual(inFolder.sort());
  });

  it('the autodiff table lists every gradient file', () => {
    const table = sources.find((file) => file.path === 'packages/model/src/autodiff/table.ts');
    const listed = (table?.imports ?? []).filter((target) => target.startsWith('./gradients/'));
    const inFolder = sources.filter((file) => dirname(file.path) === 'packages/model/src/autodiff/gradients');
    expect(listed.map((target) => basename(target, '.js')).sort()).toEqual(
      inFolder.map((file) => basename(file.path, '.ts')).sort(),
    );
  });

  it('one step reads in five files that name each other', () => {
    const text = readFileSync(join(root, 'docs/one-step.md'), 'utf8');
    const named = [...text.matchAll(/^\d\. \[?`(packages\/[^`]+\.ts)`/gm)].map((match) => match[1] ?? '');
    expect(named).toHaveLength(5);
    named.forEach((path, index) => {
      const file = sources.find((candidate) => candidate.path === path);
      expect(file, path).toBeDefined();
      expect(file?.text.split('\n').length, `${path} is short`).toBeLessThanOrEqual(201);
      const next = named[(index + 1) % named.length] ?? '';
      const header = file?.text.slice(0, file.text.indexOf('*/')) ?? '';
      const short = next.replace(/^packages\/([a-z]+)\/src\//, '$1/');
      expect(header.includes(next) || header.includes(short), `${path} names ${next}`).toBe(true);
    });
  });

  it('every file opens with a sentence of purpose', () => {
    const faults = sources.filter((file) => !file.text.startsWith('/**')).map((file) => file.path);
    expect(faults).toEqual([]);
  });

  it('no code, comment or document names this machine', () => {
    const out = execFileSync(
      'git',
      ['grep', '-nIE', '(/work/(main|shared)|\\.\\./shared/|/root/|/tmp/brief|/opt/peers)'],
      {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
      .split('\n')
      .filter((line) => line && !line.startsWith('test/tidy.test.ts'));
    expect(out).toEqual([]);
  });
});
