/**
 * Writes the CycloneDX bill of materials of an image: npm packages, Debian packages, wheels of Python, and every native library and
 * program with its SHA-256, under the package that brought it. Refuses one that the schema does not allow.
 * Usage: node sbom.mjs ROLE ROOT FOLDER, where ROOT is the image's file system and `npm sbom` has written /npm.cdx.json
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { debianPackages } from './debian-packages.mjs';
import { wheels } from './wheels.mjs';

const ELF = Buffer.from('\x7fELF');

const [role, root, out] = process.argv.slice(2);
const source = JSON.parse(readFileSync('/npm.cdx.json', 'utf8'));
const bundled = JSON.parse(readFileSync(join(root, 'app/bundle/packages.json'), 'utf8'));

/** Native files below a folder of the image, as paths in it. */
function nativeFiles(folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return nativeFiles(path);
    return entry.isFile() && isNative(join(root, path)) ? [path] : [];
  });
}

function isNative(path) {
  const head = Buffer.alloc(ELF.length);
  const file = openSync(path);
  readSync(file, head);
  closeSync(file);
  return head.equals(ELF);
}

function fileComponent(path, version) {
  return {
    type: /\.so(\.|$)|\.node$/.test(path) ? 'library' : 'application',
    'bom-ref': `file:${path}`,
    name: basename(path),
    ...(version ? { version } : {}),
    hashes: [
      {
        alg: 'SHA-256',
        content: createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex'),
      },
    ],
    properties: [{ name: 'lockstep:path', value: path }],
  };
}

/** A program that no package brought: it says its version itself, and Node's what it is linked with. */
function programComponent(path) {
  const text = execFileSync(join(root, path), ['--version'], { encoding: 'utf8' });
  const component = fileComponent(path, /\d+\.\d+\.\d+/.exec(text)[0]);
  if (component.name !== 'node') return component;
  const linked = Object.entries(process.versions).filter(([name]) => !['node', 'modules', 'napi'].includes(name));
  const components = linked.map(([name, version]) => ({ type: 'library', 'bom-ref': `node:${name}`, name, version }));
  return { ...component, components };
}

const identity = ({ name, version }) => `${name}@${version}`;

/** The npm package with files of its own in the image that one of them belongs to. */
function npmNameOf(path) {
  return /^\/app\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** Packages of npm with files of their own in the image. */
function installedPackages() {
  const modules = join(root, 'app/node_modules');
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.map((name) => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')));
}

/** What npm tells of packages. */
function npmComponents(packages) {
  const wanted = new Set(packages.map(identity));
  const found = source.components.filter((component) => wanted.delete(identity(component)));
  if (wanted.size > 0) throw new Error(`npm sbom lists no ${[...wanted].join(', ')}`);
  return found.map((component) => ({ ...component, components: [] }));
}

function billOfMaterials() {
  const installed = installedPackages();
  const npm = npmComponents([...bundled, ...installed]);
  const byName = new Map(
    installed.map((each) => [each.name, npm.find((component) => identity(component) === identity(each))]),
  );
  const debian = debianPackages(root);
  const python = wheels(root);
  // Programs that were copied out of the image that builds.
  const lent = debianPackages('/');
  const loose = [];
  for (const path of nativeFiles()) {
    const owner = byName.get(npmNameOf(path)) ?? debian.ownerOf(path) ?? python.ownerOf(path) ?? lent.ownerOf(path);
    if (owner) owner.components.push(fileComponent(path, owner.version));
    else loose.push(programComponent(path));
  }
  const borrowed = lent.components.filter(
    ({ components, name }) => components.length > 0 && !debian.components.some((own) => own.name === name),
  );
  const components = [...npm, ...debian.components, ...python.components, ...borrowed, ...loose];
  const refs = new Set(components.map((component) => component['bom-ref']));
  const image = { type: 'container', 'bom-ref': `lockstep-${role}`, name: `lockstep-${role}`, version: versionOf() };
  return {
    $schema: source.$schema,
    bomFormat: 'CycloneDX',
    specVersion: source.specVersion,
    version: 1,
    metadata: { tools: source.metadata.tools, component: image },
    components: components.map(({ components: inner, ...rest }) =>
      inner?.length ? { ...rest, components: inner } : rest,
    ),
    dependencies: [
      { ref: image['bom-ref'], dependsOn: [...refs] },
      ...source.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) })),
    ],
  };
}

function versionOf() {
  return JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8')).version;
}

const text = `${JSON.stringify(billOfMaterials(), null, 1)}\n`;
const faults = await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(text);
if (faults) throw new Error(`the schema of CycloneDX does not allow it: ${JSON.stringify(faults).slice(0, 2000)}`);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'sbom.cdx.json'), text);
