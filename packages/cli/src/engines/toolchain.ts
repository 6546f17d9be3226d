/** Programs that building an engine needs: a C++ compiler with its headers, npm, and a way to the Python package index. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { runClient } from '../local/run-client.js';
import { meansFullDisk } from './full-disk.js';

/** A program with the words before its arguments, such as ["ccache", "g++"]. */
export type Command = readonly [program: string, ...words: string[]];

/** Where the programs are looked for. */
export interface ToolNames {
  /** Compilers, the one to try first first. @default CXX, else c++, g++, clang++ */
  readonly compilers: readonly Command[];
  readonly npm: string;
  readonly python: string;
  /** Index of Python packages that speaks JSON, for a machine without pip. @default PIP_INDEX_URL */
  readonly index: string | undefined;
}

/** Programs that work. */
export interface Toolchain {
  readonly compiler: Command;
  readonly npm: string;
  /** Python with pip; null where the index has to do. */
  readonly python: string | null;
  readonly index: string | undefined;
}

/** The machine, as far as the remedy depends on it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** Text of /etc/os-release; '' where there is none. */
  readonly osRelease: string;
  readonly isContainer: boolean;
}

const TIMEOUT_MS = 60_000;
/** What the binding is written in, in short: it finds a compiler without the headers of its library. */
const PROGRAM =
  '#include <memory>\n#include <vector>\nint f() { if (auto v = std::vector<int>(1); true) return v[0]; }\n';

/** Programs by their usual names. */
export function usualNames(): ToolNames {
  const [program, ...words] = (process.env.CXX ?? '').split(/\s+/).filter(Boolean);
  const usual: readonly Command[] = [['c++'], ['g++'], ['clang++']];
  return {
    compilers: program ? [[program, ...words]] : usual,
    npm: 'npm',
    python: 'python3',
    index: process.env.PIP_INDEX_URL,
  };
}

/**
 * Tries all of them.
 * @throws LockstepError ENGINE_INSTALL_FAILED naming everything that is missing, and what installs it
 * @throws Error of a program that finds no space
 */
export async function findToolchain(
  names: ToolNames,
  signal: AbortSignal,
  machine: Machine = thisMachine(),
): Promise<Toolchain> {
  const works = (program: string, args: readonly string[]): Promise<string | null> =>
    runClient(program, args, { signal, timeoutMs: TIMEOUT_MS }).then(
      () => null,
      (why: Error) => (meansFullDisk(why) ? Promise.reject(why) : why.message),
    );
  const compiler = await findCompiler(names.compilers, works);
  const npm = await works(names.npm, ['--version']);
  const pip = await works(names.python, ['-m', 'pip', '--version']);
  signal.throwIfAborted();
  const missing = [
    ...(compiler.found
      ? []
      : [{ tool: 'compiler' as const, why: `a C++17 compiler with its headers (${compiler.why})` }]),
    ...(npm === null ? [] : [{ tool: 'npm' as const, why: `npm (${npm})` }]),
    ...(pip === null || names.index ? [] : [{ tool: 'pip' as const, why: `pip (${pip})` }]),
  ];
  if (!compiler.found || missing.length > 0) {
    throw new LockstepError('ENGINE_INSTALL_FAILED', {
      message: `The engine tfjs cannot be built here. It lacks ${missing.map(({ why }) => why).join(', ')}.`,
      field: 'PATH',
      value: missing.map(({ tool }) => tool).join(', '),
      fix: remedy(
        machine,
        missing.map(({ tool }) => tool),
      ),
    });
  }
  return { compiler: compiler.found, npm: names.npm, python: pip === null ? names.python : null, index: names.index };
}

type Tool = 'compiler' | 'npm' | 'pip';

async function findCompiler(
  compilers: readonly Command[],
  works: (program: string, args: readonly string[]) => Promise<string | null>,
): Promise<{ readonly found: Command | null; readonly why: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-compiler-'));
  try {
    const source = join(folder, 'probe.cc');
    await writeFile(source, PROGRAM);
    const tries: string[] = [];
    for (const compiler of compilers) {
      const [program, ...words] = compiler;
      const args = [...words, '-std=c++17', '-fPIC', '-shared', source, '-o', join(folder, 'probe.so')];
      const why = await works(program, args);
      if (why === null) return { found: compiler, why: '' };
      tries.push(why.startsWith(program) ? why : `${compiler.join(' ')}: ${why}`);
    }
    return { found: null, why: tries.join('; ') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packages by family of systems; Debian's compiler brings its headers along. */
const PACKAGES = [
  { family: /\b(debian|ubuntu)\b/, install: 'apt-get install', compiler: 'g++', npm: 'npm', pip: 'python3-pip' },
  { family: /\b(rhel|fedora|centos)\b/, install: 'dnf install', compiler: 'gcc-c++', npm: 'npm', pip: 'python3-pip' },
] as const;

/** What installs the missing tools. */
export function remedy({ platform, osRelease, isContainer }: Machine, missing: readonly Tool[]): string {
  const system = PACKAGES.find(({ family }) => family.test(osRelease.toLowerCase()));
  const again = 'then run this again.';
  if (platform === 'darwin')
    return `Run \`xcode-select --install\` for the compiler and Python, and install Node's npm; ${again}`;
  const general = system
    ? `Run \`${[system.install, ...missing.map((tool) => system[tool])].join(' ')}\`; ${again}`
    : `Install ${missing.join(', ')} (g++ 9 or clang 7, or newer) with the system's packages; ${again}`;
  if (!isContainer) return general;
  return `${general} In an image, do so in a build stage, and copy the folder that LOCKSTEP_ENGINES names into the last one.`;
}

function thisMachine(): Machine {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const isContainer =
    ['/.dockerenv', '/run/.containerenv'].some(existsSync) || 'KUBERNETES_SERVICE_HOST' in process.env;
  return { platform: process.platform, osRelease, isContainer };
}
