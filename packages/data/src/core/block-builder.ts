/** Makes a block of cells from texts, for formats that are no CSV. */
import { type BadRecord, CellForm, type CellFormCode, type CsvBlock } from './csv-scanner.js';

/** A cell: null is missing; a quoted one is never a spelling of missing. */
export interface BuiltCell {
  readonly text: string | null;
  readonly form: CellFormCode;
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
    for (const { text, form } of cells) {
      this.#starts.push(this.#bytes);
      this.#ends.push(this.#add(text ?? ''));
      this.#forms.push(form);
    }
    this.#lines.push(line);
  }

  /** @param line 1-based */
  addBad(fault: Pick<BadRecord, 'kind' | 'what'>, text: string, line: number): void {
    const start = this.#bytes;
    const end = this.#add(text);
    this.#bad.push({ ...fault, cellCount: 0, line, start, end, rowsBefore: this.#lines.length });
  }

  finish(): CsvBlock {
    return {
      bytes: Buffer.from(this.#texts.join('')),
      rowCount: this.#lines.length,
      width: this.#width,
      starts: Int32Array.from(this.#starts),
      ends: Int32Array.from(this.#ends),
      forms: Uint8Array.from(this.#forms),
      quote: '"',
      hasQuotes: this.#forms.includes(CellForm.quoted),
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
