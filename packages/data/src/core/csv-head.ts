/** Reads the header of a CSV text and finds its delimiter. */

/** Delimiters that are tried. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** One record of a CSV text. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Where the next record starts. */
  readonly end: number;
}

/** What stands between and around the cells of a text. */
export interface CsvDialect {
  /** One character. */
  readonly delimiter: string;
  /** One character, or '' where quotes are characters like others. */
  readonly quote: string;
}

/**
 * The record that starts at `start`, by RFC 4180: a field that begins with a quote ends at the next single one.
 * @returns null where the text ends inside quotes, or text follows a closing quote
 */
export function readRecord(text: string, dialect: CsvDialect, start = 0): CsvRecord | null {
  const fields: string[] = [];
  for (let at = start; ; at++) {
    const field = readField(text, dialect, at);
    if (field === null) return null;
    fields.push(field.value);
    at = field.end;
    if (text[at] !== dialect.delimiter) return { fields, end: at + (text.startsWith('\r\n', at) ? 2 : 1) };
  }
}

function readField(
  text: string,
  { delimiter, quote }: CsvDialect,
  start: number,
): { value: string; end: number } | null {
  const closes = (at: number): boolean => at >= text.length || [delimiter, '\n', '\r'].includes(text[at]!);
  let at = start;
  if (text[at] !== quote) {
    while (!closes(at)) at++;
    return { value: text.slice(start, at), end: at };
  }
  let value = '';
  for (at++; at < text.length; at++) {
    if (text[at] !== quote) value += text[at];
    else if (text[at + 1] === quote) {
      value += quote;
      at++;
    } else return closes(at + 1) ? { value, end: at + 1 } : null;
  }
  return null;
}

/**
 * Delimiters that the head of a file allows: those that cut the header into several fields and, where several do,
 * cut the first row into as many. None where no delimiter stands in the header: a file of one column.
 */
export function possibleDelimiters(head: string, quote: string): string[] {
  const tried = DELIMITERS.filter((delimiter) => delimiter !== quote);
  const cuts = tried.filter((delimiter) => (readRecord(head, { delimiter, quote })?.fields.length ?? 0) > 1);
  if (cuts.length < 2) return cuts;
  return cuts.filter((delimiter) => {
    const header = readRecord(head, { delimiter, quote })!;
    return readRecord(head, { delimiter, quote }, header.end)?.fields.length === header.fields.length;
  });
}

/** The first line that Excel writes to say the delimiter, as in `sep=;`, and where it ends; null where none is. */
export function separatorLine(text: string): { readonly delimiter: string; readonly end: number } | null {
  const found = /^sep=([\t -~])(?:\r\n|\n|\r)/i.exec(text);
  return found ? { delimiter: found[1]!, end: found[0].length } : null;
}
