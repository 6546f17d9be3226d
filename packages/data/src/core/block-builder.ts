/** Makes a block of cells from texts, for formats that are no CSV. */
import { type BadRecord, CellForm, type CsvBlock } from './csv-scanner.js';

/** A cell: null is missing; `isText` keeps it from being a spelling of missing, as quotes do in CSV. */
export interface BuiltCell {
  readonly text: string | null;
  readonly isText: boolean;
}

/** Collects rows. */
export class BlockBuilder {
  readonly #width: number;
  readonly #texts: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #forms: number[] = [];
  readonly #lines: number[] = [];
  readonly #bad: BadRecord[] = [];
  #bytes = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param line 1-based */
  addRow(cells: readonly BuiltCell[], line: number): void {
    for (const { text, isText } of cells) {
      this.#starts.push(this.#bytes);
      this.#ends.push(this.#add(text ?? ''));
      this.#forms.push(isText && text !== null ? CellForm.quoted : CellForm.plain);
    }
    this.#lines.push(line);
  }

  addBad(kind: BadRecord['kind'], text: string, line: number): void {
    const start = this.#bytes;
    const end = this.#add(text);
    this.#bad.push({ kind, cellCount: 0, line, start, end, rowsBefore: this.#lines.length });
  }

  finish(): CsvBlock {
    return {
      bytes: Buffer.from(this.#texts.join('')),
      rowCount: this.#lines.length,
      width: this.#width,
      starts: Int32Array.from(this.#starts),
      ends: Int32Array.from(this.#ends),
      forms: Uint8Array.from(this.#forms),
      hasQuotes: this.#forms.some((form) => form !== CellForm.plain),
      lines: Int32Array.from(this.#lines),
      bad: this.#bad,
      consumed: this.#bytes,
      isOpen: false,
    };
  }

  /** @returns where it ends */
  #add(text: string): number {
    this.#texts.push(text);
    this.#bytes += Buffer.byteLength(text);
    return this.#bytes;
  }
}
