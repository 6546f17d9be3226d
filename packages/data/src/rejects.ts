/** Rows that cannot be used: all named in one error, or listed in rejects.csv and left out. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { LockstepError } from '@lockstep/protocol/core';
import { diskError } from './durable-file.js';
import { placeInWords, type RowPlace } from './row-places.js';

/** Rejects that an error names. */
const NAMED_REJECTS = 20;
/** Characters of a cell or a line that an error shows. */
const SHOWN_CHARACTERS = 80;
/** Characters of rejects.csv that wait for one write. */
const BUFFERED_CHARACTERS = 1 << 16;
const HEADER = 'file,line,row,column,kind,text\n';

/** A row that cannot be used, and why. */
export interface Reject {
  readonly place: RowPlace;
  /** 0-based row of the table; null for a line that did not become one. */
  readonly row: number | null;
  /** The column of a bad cell; null for a bad line. */
  readonly column: string | null;
  /** What is wrong, in one word that stays the same, for example `cellCount` or `notANumber`. */
  readonly kind: string;
  /** The text of the line, or of the cell. */
  readonly text: string;
  /** What is wrong, as a message says it after the place: `has 4 cells, the header has 3`. */
  readonly what: string;
}

/** Takes rejects. */
export interface RejectSink {
  add(reject: Reject): void;
}

/** Counts of rejects, and the first ones. */
export class Rejects implements RejectSink {
  readonly first: Reject[] = [];
  readonly #byKind = new Map<string, number>();
  readonly #file: RejectFile | null;
  #count = 0;

  /** @param path where every reject is listed; null keeps the first ones only */
  constructor(path: string | null) {
    this.#file = path === null ? null : new RejectFile(path);
  }

  get count(): number {
    return this.#count;
  }

  /** How many there are of each kind. */
  get byKind(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byKind);
  }

  add(reject: Reject): void {
    this.#count++;
    this.#byKind.set(reject.kind, (this.#byKind.get(reject.kind) ?? 0) + 1);
    if (this.first.length < NAMED_REJECTS) this.first.push(reject);
    this.#file?.add(reject);
  }

  /** Refuses the data where anything was rejected. @throws LockstepError as of {@link Rejects.error} */
  refuseAny(): void {
    if (this.#count > 0) throw this.error();
  }

  /** One error for all that was rejected: DATA_UNREADABLE, or DATA_VALUE for cells alone. @param fix @default mend or skip them */
  error(fix?: string): LockstepError {
    return rejectsError(this.first, this.#count, fix);
  }

  /** Makes the list durable. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  close(): void {
    this.#file?.close();
  }
}

/** rejects.csv, written as it comes. */
class RejectFile {
  readonly #path: string;
  readonly #descriptor: number;
  #text = HEADER;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = this.#try(() => openSync(path, 'w'));
  }

  add({ place, row, column, kind, text }: Reject): void {
    // Of a format without lines, the row of the file says where to look for what is no row of the table.
    const rowNumber = row === null ? (place.hasLines ? '' : place.number) : row + 1;
    const cells = [place.file, place.hasLines ? place.number : '', rowNumber, column ?? '', kind, text];
    this.#text += `${cells.map((cell) => csvCell(String(cell))).join(',')}\n`;
    if (this.#text.length >= BUFFERED_CHARACTERS) this.#write();
  }

  close(): void {
    this.#write();
    this.#try(() => {
      fsyncSync(this.#descriptor);
      closeSync(this.#descriptor);
    });
  }

  #write(): void {
    const text = this.#text;
    this.#text = '';
    this.#try(() => writeSync(this.#descriptor, text));
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw diskError(this.#path, cause);
    }
  }
}

function csvCell(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** One error for all that was rejected. */
function rejectsError(first: readonly Reject[], count: number, given?: string): LockstepError {
  const [only] = first;
  const noun = first.every(({ column }) => column !== null) ? 'cell' : 'row';
  const fix =
    given ??
    `Mend ${count === 1 ? `the ${noun}` : `these ${noun}s`}, or leave bad rows out: with data.onBadRow: skip in training, with --rejects in lockstep predict.`;
  if (count === 1 && only) {
    const { column, text } = only;
    return new LockstepError(codeOf(only), {
      message: `${capital(describe(only))}.`,
      field: column ?? 'data.path',
      value: printable(text),
      fix,
    });
  }
  const rest = count > first.length ? [`and ${count - first.length} more`] : [];
  return new LockstepError(noun === 'cell' ? 'DATA_VALUE' : 'DATA_UNREADABLE', {
    message: `${count} ${noun}s of the data cannot be used: ${[...first.map(describe), ...rest].join('; ')}.`,
    field: 'data.path',
    value: `${count} ${noun}s`,
    fix,
    problems: first.map((reject) => ({
      ...{ code: codeOf(reject), path: reject.column ?? 'data.path', message: capital(describe(reject)) },
      ...{ value: printable(reject.text), ...(reject.place.hasLines ? { line: reject.place.number } : {}) },
    })),
  });
}

/** A bad line keeps the file from being read, a bad cell is a value. */
function codeOf({ column }: Reject): 'DATA_VALUE' | 'DATA_UNREADABLE' {
  return column === null ? 'DATA_UNREADABLE' : 'DATA_VALUE';
}

function describe({ place, column, what, text }: Reject): string {
  return `${column === null ? '' : `column ${column}, `}${placeInWords(place)} ${what}: ${JSON.stringify(shown(text))}`;
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** As a terminal can show it. */
function printable(text: string): string {
  return shown(text).replaceAll('\0', '\\u0000');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
