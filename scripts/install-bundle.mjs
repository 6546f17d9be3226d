// Puts a new bundle in the place of the last one under running commands, which load chunks of their own build later.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files below a folder, as paths from it. */
function filesOf(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * Moves the files of `out` into `target`, entries last, each in one step. Chunks have a hash in their names; those of
 * the build before stay, older ones go.
 */
export function installBundle(out, target, entries) {
  // Beside the bundle: it is nothing that the package holds.
  const record = join(`${target}.last`, 'files.json');
  const previous = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : filesOf(target);
  const files = filesOf(out);
  for (const file of [...files.filter((name) => !entries.includes(name)), ...entries]) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    renameSync(join(out, file), join(target, file));
  }
  const kept = new Set([...previous, ...files]);
  for (const file of filesOf(target)) if (!kept.has(file)) rmSync(join(target, file));
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, JSON.stringify(files));
  rmSync(out, { recursive: true });
}
