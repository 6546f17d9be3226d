// The npm packages that a bundle has parts of, and their licences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the npm package that holds a module, or null for our own. */
export function packageOf(id) {
  const end = id.lastIndexOf('/node_modules/');
  if (end < 0 || id.includes('\0')) return null;
  const [scope, name] = id.slice(end + '/node_modules/'.length).split('/');
  return join(id.slice(0, end), 'node_modules', scope, scope.startsWith('@') ? name : '');
}

/** Folders of the npm packages that hold modules, each once. */
export function foldersOf(modules) {
  return [...new Set(modules.map(packageOf).filter(Boolean))].sort();
}

/** Their names and versions. */
export function packages(folders) {
  return folders.map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name, version };
  });
}

/** Their licences as one text. */
export function licences(folders) {
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    return `${name} ${version} (${license})\n\n${text}`;
  });
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
