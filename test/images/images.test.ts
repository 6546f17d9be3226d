/** What the images hold and how they run. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageOf, inspectImage, nodeIn } from '../support/containers.ts';
import { ROOT } from '../support/lockstep.ts';

const ROLES = ['coordinator', 'worker', 'all-in-one'] as const;
/** Bytes that a coordinator's image may have. */
const MAX_COORDINATOR_BYTES = 250e6;

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

/** The bill of materials that lies beside an image. */
function billOf(role: string): { readonly text: string; readonly components: readonly Component[] } {
  const text = readFileSync(join(ROOT, `deploy/docker/sboms/lockstep-${role}.cdx.json`), 'utf8');
  const { components } = JSON.parse(text) as { components: readonly Component[] };
  return { text, components };
}

/** Native files of a bill, with their SHA-256 by path. */
function nativeFilesOf(components: readonly Component[]): Map<string, string> {
  const all = components.flatMap((component) => [component, ...(component.components ?? [])]);
  return new Map(
    all.flatMap(({ properties, hashes }): (readonly [string, string])[] => {
      const path = properties?.find(({ name }) => name === 'lockstep:path')?.value;
      return path ? [[path, hashes?.find(({ alg }) => alg === 'SHA-256')?.content ?? '']] : [];
    }),
  );
}

/** Prints every native file of an image with its SHA-256, and all paths that its user can write to. */
const SURVEY = `
import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
const native = {}, open = [];
const entriesOf = (folder) => { try { return readdirSync(folder + '/', { withFileTypes: true }); } catch { return []; } };
const walk = (folder) => {
  for (const entry of entriesOf(folder)) {
    const path = folder + '/' + entry.name;
    if (['/proc', '/sys', '/dev'].includes(path)) continue;
    if (entry.isDirectory()) walk(path);
    else if (entry.isFile()) {
      const head = Buffer.alloc(4), file = openSync(path);
      readSync(file, head);
      closeSync(file);
      if (head.equals(Buffer.from('\\x7fELF'))) native[path] = createHash('sha256').update(readFileSync(path)).digest('hex');
    } else continue;
    try { accessSync(path, constants.W_OK); open.push(path); } catch {}
  }
};
walk('');
console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(), native, open }));
`;

describe.each(ROLES)('the image of %s', (role) => {
  it('runs as a numbered user, says whether it is well, and ends in order', async () => {
    const { Config } = await inspectImage(imageOf(role));
    expect(Config).toMatchObject({ User: '65532:65532', StopSignal: 'SIGTERM' });
    expect(Config.Entrypoint[0]).toBe('/usr/local/bin/tini');
    expect(Config.Healthcheck.Test).toEqual(['CMD', '/usr/local/bin/node', '/app/health.js']);
    expect(Config.Labels).toMatchObject({
      'org.opencontainers.image.title': `lockstep-${role}`,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it('A39 has no root user and nothing to write to but its store', async () => {
    const survey = JSON.parse(await nodeIn(imageOf(role), SURVEY)) as { uid: number; gid: number; open: string[] };
    expect(survey).toMatchObject({ uid: 65532, gid: 65532, groups: [65532] });
    // The volume of the store is all that is not read-only.
    expect(survey.open).toEqual(['/var/lib/lockstep']);
  });

  it('A40 has a bill of materials that lists every native library with its hash, and is in the image too', async () => {
    const { text, components } = billOf(role);
    const survey = JSON.parse(await nodeIn(imageOf(role), SURVEY)) as { native: Record<string, string> };
    expect(Object.fromEntries(nativeFilesOf(components))).toEqual(survey.native);
    const digest = createHash('sha256').update(text).digest('hex');
    const inside = await nodeIn(
      imageOf(role),
      `import { createHash } from 'node:crypto'; import { readFileSync } from 'node:fs';
      console.log(createHash('sha256').update(readFileSync('/usr/share/doc/lockstep/sbom.cdx.json')).digest('hex'));`,
    );
    expect(inside.trim()).toBe(digest);
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['node', 'tini', 'libc6', 'libstdc++6', '@grpc/grpc-js', 'koffi']));
    expect(names).not.toContain('vitest');
  });
});

it('a coordinator has no engine and is small, a worker reads no Parquet', async () => {
  const libraries = (role: string): string =>
    [...nativeFilesOf(billOf(role).components).keys()].filter((path) => path.startsWith('/app/')).join(' ');
  expect((await inspectImage(imageOf('coordinator'))).Size).toBeLessThan(MAX_COORDINATOR_BYTES);
  expect(libraries('coordinator')).toMatch(/libduckdb\.so/);
  expect(libraries('coordinator')).not.toMatch(/onnxruntime/);
  expect(libraries('worker')).toMatch(/libonnxruntime\.so/);
  expect(libraries('worker')).not.toMatch(/duckdb/);
});
