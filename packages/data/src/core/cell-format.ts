/** How cells of a column are read: fixed at training, kept in the model, and what later tables are held to. */
import { parseBoolean } from './boolean.js';
import { type DateFormat, dateReader } from './date.js';
import { type DatePart, datePart } from './date-parts.js';
import { type NumberFormat, PLAIN_NUMBERS, parseNumber } from './number.js';
import { textInput } from './text-cell.js';
import { zoneOffsets } from './time-zone.js';

/** A column of dates as one number: the raw column it comes from, how that is written, and what is taken of it. */
export interface DateCells extends DateFormat {
  readonly type: 'date';
  readonly column: string;
  readonly part: DatePart;
}

/** A column of numbers, of true (1) and false (0), or of dates. */
export type CellFormat = ({ readonly type: 'number' } & NumberFormat) | { readonly type: 'boolean' } | DateCells;

/** Types of columns: those with a {@link CellFormat} become numbers, text becomes categories. */
export type ColumnType = CellFormat['type'] | 'text';

/** What a column's cells are, as of a plan or of a table that is being prepared. */
export type CellContent = { readonly type: 'text' } | { readonly type: 'number'; readonly format: CellFormat };

/** The type of a column as users name it. */
export function typeName(content: CellContent): ColumnType {
  return content.type === 'text' ? 'text' : content.format.type;
}

/** The raw column of a column: parts of a date share one. */
export function rawName(column: CellContent & { readonly name: string }): string {
  return column.type === 'number' && column.format.type === 'date' ? column.format.column : column.name;
}

/** Makes the number of a cell. @param isNative as of `TableChunk.isNative` */
export type CellReader = (cell: string, isNative: boolean) => number;

/** The number that the model is given for a cell, NaN where it stands for none; a date is milliseconds since 1970. */
export function cellReader(format: CellFormat): CellReader {
  switch (format.type) {
    case 'boolean':
      return parseBoolean;
    case 'date':
      return dateReader(format);
    case 'number':
      return (cell, isNative) => parseNumber(cell, isNative ? PLAIN_NUMBERS : format);
  }
}

/** The number that a cell becomes before it is scaled, NaN where it stands for none. */
export function valueReader(format: CellFormat): CellReader {
  const read = cellReader(format);
  if (format.type !== 'date' || format.part === 'timestamp') return read;
  const partOf = inputNumber(format);
  return (cell, isNative) => partOf(read(cell, isNative));
}

/** Type of the input of model.onnx that takes a column. */
export function inputType(content: CellContent): 'float64' | 'string' {
  const type = typeName(content);
  return type === 'number' || type === 'date' ? 'float64' : 'string';
}

/** What the model is given for a cell: a number, or a text that its graph looks up; NaN or '' for a missing one. */
export function inputReader(content: CellContent): (cell: string | null, isNative: boolean) => number | string {
  if (content.type === 'text') return textInput;
  if (content.format.type === 'boolean') return (cell) => cell?.trim() ?? '';
  const read = cellReader(content.format);
  return (cell, isNative) => (cell ? read(cell, isNative) : Number.NaN);
}

/** The number that a model's input of a numeric column becomes before it is scaled; NaN is missing. */
export function inputNumber(format: CellFormat): (input: number | string) => number {
  if (format.type === 'boolean') return (input) => parseBoolean(input as string);
  if (format.type === 'number') return (input) => input as number;
  const zone = zoneOffsets(format.timeZone);
  return (input) => datePart(format.part, input as number, zone);
}
