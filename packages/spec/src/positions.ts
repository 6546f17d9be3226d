/** Where the keys and values of a spec stand in its text. */
import { formatPath, type SpecPath } from './spec-path.js';

/** A 1-based position in the text. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where things stand; knows nothing of values that came from `--set`. */
export class Positions {
  readonly #keys = new Map<string, Position>();
  readonly #values = new Map<string, Position>();
  readonly #replaced: string[] = [];

  /** Notes where a key and its value begin; the first note of a path stays. */
  note(path: SpecPath, value: Position, key?: Position): void {
    const text = formatPath(path);
    if (!this.#values.has(text)) this.#values.set(text, value);
    if (key && !this.#keys.has(text)) this.#keys.set(text, key);
  }

  /** Position of the value at a path, or null when it is not in the text. */
  value(path: SpecPath): Position | null {
    return this.#values.get(formatPath(path)) ?? null;
  }

  /** Position of the key at a path, or null when it is not in the text. */
  key(path: SpecPath): Position | null {
    return this.#keys.get(formatPath(path)) ?? null;
  }

  /** Position of the key, else of the nearest thing around it that is in the text; null for what was put in. */
  nearest(path: SpecPath): Position | null {
    if (this.#replaced.some((text) => isAtOrBelow(formatPath(path), text))) return null;
    for (let length = path.length; length >= 0; length--) {
      const part = path.slice(0, length);
      const found = this.key(part) ?? this.value(part);
      if (found) return found;
    }
    return null;
  }

  /** Forgets a path and everything below, because another value was put there. */
  forget(path: SpecPath): void {
    const text = formatPath(path);
    this.#replaced.push(text);
    for (const map of [this.#keys, this.#values]) {
      for (const key of map.keys()) if (isAtOrBelow(key, text)) map.delete(key);
    }
  }
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}.`) || path.startsWith(`${top}[`);
}
