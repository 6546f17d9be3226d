/** Paths into a spec: `model[0].dense.units` for people, an array of keys and indices for code. */

/** Keys and indices from the top of the spec. */
export type SpecPath = readonly (string | number)[];

/** A path as problems and documentation show it. Keys that are no plain names stand in quotes. */
export function formatPath(path: SpecPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z0-9_<>-]+$/.test(part)) text += text ? `.${part}` : part;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/**
 * A path as written by people: `train.epochs`, `model[0].dense.units`, `model.0.dense.units`,
 * `preprocess.columns["a b"].missing`. Returns null when it is none.
 */
export function parsePath(text: string): SpecPath | null {
  const part = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  const path: (string | number)[] = [];
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) return null;
    const [, key, index, quoted] = found;
    if (key !== undefined) path.push(/^\d+$/.test(key) ? Number(key) : key);
    else if (index !== undefined) path.push(Number(index));
    else path.push(JSON.parse(quoted as string) as string);
  }
  return path;
}

/** The value at a path of plain data, or undefined. */
export function valueAt(root: unknown, path: SpecPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** A path without list positions: the schema is the same for every item. */
export function namesOf(path: SpecPath): string[] {
  return path.filter((part): part is string => typeof part === 'string');
}
