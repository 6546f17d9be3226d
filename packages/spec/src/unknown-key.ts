/** A key that does not exist: the nearest one, where it belongs, or what works instead. */
import type { ErrorProblem } from '@lockstep/protocol/core';
import { nearest } from './nearest.js';
import type { Subject } from './problem-words.js';
import { optimizerSchemas } from './schema.js';
import { keysOf, namedAt, schemaAt } from './schema-walk.js';
import { formatPath, namesOf, type SpecPath, valueAt } from './spec-path.js';
import { KEY_SYNONYMS, NOT_YET_KEYS } from './vocabulary.js';

const SECTIONS = ['data', 'split', 'preprocess', 'train', 'run'] as const;

/** The problem of a key that stands at `path` and does not exist there. */
export function unknownKeyProblem(path: SpecPath, { root, positions }: Subject): ErrorProblem {
  const shown = formatPath(path);
  const place = positions.key(path) ?? positions.nearest(path);
  const instead = Object.hasOwn(NOT_YET_KEYS, shown) ? NOT_YET_KEYS[shown] : undefined;
  if (instead) {
    return { path: shown, ...place, code: 'SPEC_NOT_YET', message: `${shown} is not there yet`, suggestion: instead };
  }
  const known = knownKeys(path.slice(0, -1), root);
  return {
    path: shown,
    ...place,
    code: 'SPEC_UNKNOWN_KEY',
    message: `${shown} does not exist`,
    suggestion: suggest(String(path.at(-1)), path, known),
  };
}

function knownKeys(parent: SpecPath, root: unknown): readonly string[] {
  const names = namesOf(parent);
  const schema = namedAt(names, valueAt(root, [...parent, 'type'])) ?? schemaAt(names);
  return schema ? Object.keys(keysOf(schema)) : [];
}

function suggest(key: string, path: SpecPath, known: readonly string[]): string {
  const near = nearest(key, known, KEY_SYNONYMS);
  if (near) return `Did you mean ${near}?`;
  const below = path[0] === 'train' && path.length === 2 ? optimizerKey(key) : null;
  if (below) return `Did you mean train.optimizer.${below}? Write optimizer: { type: adam, ${below}: ... }.`;
  const elsewhere = SECTIONS.find((section) => section !== path[0] && Object.hasOwn(keysOf(schemaAt([section])!), key));
  if (elsewhere) return `${key} belongs under ${elsewhere}: write ${elsewhere}.${key}.`;
  if (path.length === 1) {
    const moved = SECTIONS.flatMap((section) => {
      const found = nearest(key, Object.keys(keysOf(schemaAt([section])!)), KEY_SYNONYMS);
      return found ? [`${section}.${found}`] : [];
    });
    if (moved[0]) return `Did you mean ${moved[0]}?`;
  }
  return known.length > 0 ? `Known here: ${known.join(', ')}.` : 'Remove it; nothing can stand here.';
}

function optimizerKey(key: string): string | null {
  return nearest(
    key,
    [...new Set(Object.values(optimizerSchemas).flatMap((schema) => Object.keys(schema.shape)))],
    KEY_SYNONYMS,
  );
}
