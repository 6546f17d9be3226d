/** Predictions as text: one line per row, as CSV, as JSON lines, or as one JSON array. */

/** A cell of a row of predictions: text as it was read (null is missing), or a number of the model. */
export type PredictionCell = string | number | null;

/** How rows are written. */
export interface PredictionFormat {
  /** What stands before the first row. */
  header(columns: readonly string[]): string;
  row(columns: readonly string[], cells: readonly PredictionCell[]): string;
  /** What stands between two rows. @default '' */
  readonly between?: string;
  /** What stands after the last row. @default '' */
  readonly footer?: string;
}

/**
 * CSV: a missing cell is nothing and the empty text is `""`, as they are read.
 * @param nulls spellings of a missing value, which have to be quoted where they are text
 */
export function csvFormat(delimiter: ',' | '\t', nulls: readonly string[]): PredictionFormat {
  const special = new RegExp(`["\\n\\r${delimiter}]`);
  const spellings = new Set(nulls);
  const cellText = (cell: PredictionCell): string => {
    if (cell === null) return '';
    const text = String(cell);
    const isPlain =
      typeof cell === 'number' || !(special.test(text) || text.trim() === '' || spellings.has(text.trim()));
    return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
  };
  const line = (cells: readonly PredictionCell[]): string => `${cells.map(cellText).join(delimiter)}\n`;
  return { header: line, row: (_, cells) => line(cells) };
}

/** A row as an object: text as strings, so that no id is rounded by whoever reads it; numbers of the model as numbers. */
const jsonObject: PredictionFormat['row'] = (columns, cells) =>
  `{${columns.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(cells[at])}`).join(',')}}`;

/** JSON lines: one object per line. */
export const JSON_LINES: PredictionFormat = {
  header: () => '',
  row: (columns, cells) => `${jsonObject(columns, cells)}\n`,
};

/** One array of objects, each on a line of its own. */
export const JSON_ARRAY: PredictionFormat = {
  header: () => '[\n',
  row: jsonObject,
  between: ',\n',
  footer: '\n]\n',
};

/** Rows as text, piece by piece: the header, the rows of each batch, the footer. */
export async function* formatted(
  format: PredictionFormat,
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly PredictionCell[])[]>,
): AsyncGenerator<string> {
  const { between = '', footer = '' } = format;
  yield format.header(columns);
  let isFirst = true;
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    const text = rows.map((cells) => format.row(columns, cells)).join(between);
    yield isFirst ? text : between + text;
    isFirst = false;
  }
  yield footer;
}
