/** Which wheels of Python a file system holds, and which of them a file came with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the base image for CUDA has them unpacked. */
const FOLDER = '/usr/local/lib/wheels';

/** Wheels as CycloneDX components, each with an empty list for its files. */
export function wheels(root) {
  const files = new Map();
  const folder = join(root, FOLDER);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.dist-info')) : [];
  const components = names.map((info) => {
    const component = componentOf(readFileSync(join(folder, info, 'METADATA'), 'utf8'));
    for (const line of readFileSync(join(folder, info, 'RECORD'), 'utf8').split('\n')) {
      files.set(`${FOLDER}/${line.split(',')[0]}`, component);
    }
    return component;
  });
  return { components, ownerOf: (path) => files.get(path) };
}

function componentOf(metadata) {
  const field = (name) => new RegExp(`^${name}: (.+)$`, 'm').exec(metadata)?.[1].trim();
  const name = field('Name');
  const version = field('Version');
  const purl = `pkg:pypi/${name.toLowerCase().replace(/[-_.]+/g, '-')}@${encodeURIComponent(version)}`;
  return { type: 'library', 'bom-ref': purl, name, version, purl, components: [] };
}
