/** Which Debian packages a file system holds, and which of them a file came with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Packages as CycloneDX components, each with an empty list for its files. Knows `/var/lib/dpkg/status`, as dpkg keeps
 * it, and `/var/lib/dpkg/status.d`, as images without dpkg do.
 */
export function debianPackages(root) {
  const folder = join(root, 'var/lib/dpkg');
  const release = field(readIfThere(join(root, 'etc/os-release')), 'ID', '=') ?? 'debian';
  const files = new Map();
  const own = (component, paths) => {
    for (const path of paths) files.set(inUsr(path), component);
    return component;
  };
  const components = existsSync(join(folder, 'status'))
    ? stanzas(readIfThere(join(folder, 'status'))).map((stanza) => {
        const component = componentOf(stanza, release);
        const lists = [component.name, `${component.name}:${field(stanza, 'Architecture')}`];
        return own(
          component,
          lists.flatMap((name) => lines(readIfThere(join(folder, 'info', `${name}.list`)))),
        );
      })
    : namesIn(join(folder, 'status.d')).map((name) => {
        const path = join(folder, 'status.d', name);
        const sums = lines(readIfThere(`${path}.md5sums`)).map((line) => `/${line.split(/\s+/)[1]}`);
        return own(componentOf(readFileSync(path, 'utf8'), release), [...lines(readIfThere(`${path}.list`)), ...sums]);
      });
  return { components, ownerOf: (path) => files.get(inUsr(path)) };
}

function componentOf(stanza, release) {
  const name = field(stanza, 'Package');
  const version = field(stanza, 'Version');
  const purl = `pkg:deb/${release}/${name}@${encodeURIComponent(version)}?arch=${field(stanza, 'Architecture')}`;
  return { type: 'library', 'bom-ref': purl, name, version, purl, components: [] };
}

const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const lines = (text) => text.split('\n').filter(Boolean);
const stanzas = (text) => text.split('\n\n').filter((stanza) => field(stanza, 'Status')?.endsWith(' installed'));
const namesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !/\.(list|md5sums)$/.test(name)) : [];
/** `/lib` and `/usr/lib` are one folder. */
const inUsr = (path) => path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');

function field(text, name, sign = ':') {
  const line = lines(text).find((each) => each.startsWith(`${name}${sign}`));
  return line?.slice(name.length + 1).trim();
}
