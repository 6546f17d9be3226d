/** Predictions as text: one line per row, as CSV or as JSON. */

/** A cell of a row of predictions: text as it was read (null is missing), or a number of the model. */
export type PredictionCell = string | number | null;

/** How rows are written. */
export interface PredictionFormat {
  /** What stands before the first row. */
  header(columns: readonly string[]): string;
  row(columns: readonly string[], cells: readonly PredictionCell[]): string;
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

/** JSON lines: text as strings, so that no id is rounded by whoever reads it; numbers of the model as numbers. */
export const JSON_LINES: PredictionFormat = {
  header: () => '',
  row: (columns, cells) =>
    `{${columns.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(cells[at])}`).join(',')}}\n`,
};
