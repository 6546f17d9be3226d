/** Part of a spec as one line of YAML. */
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';

/** One line of YAML that parses to `spec`, without the outermost braces: `data: { ignore: [id] }`. */
export function specLine(spec: object): string {
  const text = stringify(spec, { version: '1.2', lineWidth: 0, collectionStyle: 'flow' }).trim();
  const line = text.replace(/^\{ ([\s\S]*) \}$/, '$1');
  // Brackets stand close, as formatters leave them; those of a text stay as they are.
  const close = line.replaceAll('[ ', '[').replaceAll(' ]', ']');
  return isDeepStrictEqual(parse(close, { version: '1.2' }), spec) ? close : line;
}
