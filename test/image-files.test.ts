/** What images are made with, without an engine that makes them; test/images has them run. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT, scratch } from './support/lockstep.ts';

interface Packages {
  readonly components: readonly { readonly name: string; readonly purl: string }[];
  ownerOf(path: string): { readonly name: string } | undefined;
}

it('the Dockerfile installs the packages of every workspace', () => {
  const text = readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8');
  const copied = [...text.matchAll(/^COPY packages\/(\w+)\/package\.json packages\/\1\/$/gm)].map(([, name]) => name);
  expect(copied.sort()).toEqual(readdirSync(join(ROOT, 'packages')).sort());
});

function fileSystem(files: Readonly<Record<string, string>>): string {
  const root = scratch();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('Debian packages of a file system', async () => {
  const script = pathToFileURL(join(ROOT, 'deploy/docker/debian-packages.mjs')).href;
  const { debianPackages } = (await import(script)) as { debianPackages: (root: string) => Packages };
  const LIBC = 'Package: libc6\nVersion: 2.36-9+deb12u14\nArchitecture: amd64\n';
  const PURL = 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64';

  it.each([
    [
      'dpkg',
      'status',
      `${LIBC}Status: install ok installed\n\nPackage: gone\nStatus: deinstall ok config-files\n`,
      'info/libc6:amd64.list',
    ],
    ['no dpkg', 'status.d/libc6', LIBC, 'status.d/libc6.list'],
  ])('are found with their files where it has %s', (_, status, text, list) => {
    const folder = 'var/lib/dpkg';
    const { components, ownerOf } = debianPackages(
      fileSystem({ [`${folder}/${status}`]: text, [`${folder}/${list}`]: '/.\n/lib/x86_64-linux-gnu/libc.so.6\n' }),
    );
    expect(components).toMatchObject([{ name: 'libc6', version: '2.36-9+deb12u14', purl: PURL }]);
    expect(ownerOf('/usr/lib/x86_64-linux-gnu/libc.so.6')?.name).toBe('libc6');
    expect(ownerOf('/usr/bin/other')).toBeUndefined();
  });

  it('are found by the sums that an image without lists keeps', () => {
    const folder = 'var/lib/dpkg/status.d';
    const sums = '0123  usr/lib/x86_64-linux-gnu/libc.so.6\n';
    const root = fileSystem({ [`${folder}/libc6`]: LIBC, [`${folder}/libc6.md5sums`]: sums });
    expect(debianPackages(root).ownerOf('/lib/x86_64-linux-gnu/libc.so.6')?.name).toBe('libc6');
  });
});

describe('wheels of a file system', async () => {
  const script = pathToFileURL(join(ROOT, 'deploy/docker/wheels.mjs')).href;
  const { wheels } = (await import(script)) as { wheels: (root: string) => Packages };
  const FOLDER = 'usr/local/lib/wheels';

  it('are found with their files, by what each says of itself', () => {
    const info = `${FOLDER}/nvidia_cudnn_cu13-9.28.1.4.dist-info`;
    const root = fileSystem({
      [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: nvidia_cudnn_cu13\nVersion: 9.28.1.4\n',
      [`${info}/RECORD`]: 'nvidia/cudnn/lib/libcudnn.so.9,sha256=x,12\n',
    });
    const { components, ownerOf } = wheels(root);
    const purl = 'pkg:pypi/nvidia-cudnn-cu13@9.28.1.4';
    expect(components).toMatchObject([{ name: 'nvidia_cudnn_cu13', version: '9.28.1.4', purl }]);
    expect(ownerOf(`/${FOLDER}/nvidia/cudnn/lib/libcudnn.so.9`)?.name).toBe('nvidia_cudnn_cu13');
    expect(ownerOf('/usr/lib/libcudnn.so.9')).toBeUndefined();
  });

  it('are none where there are none', () => {
    expect(wheels(scratch()).components).toEqual([]);
  });
});
