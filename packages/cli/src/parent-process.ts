/** What the process that started this one tells it by standard input: values that come late, and its own end. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Ends this process as soon as its parent is gone, also when that was killed. Nobody is left to answer to.
 * @param leave what is to be done before
 */
export function exitWithParent(leave: () => void = () => {}, input: Readable = process.stdin): void {
  const exit = (): void => {
    leave();
    process.exit(0);
  };
  input.once('end', exit).once('close', exit).once('error', exit).resume();
}

/** Options that are `-` take a line of standard input each, in the order in which they are asked for. */
export class LateValues {
  readonly #input: Readable;
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #lines: string[] = [];
  #isReading = false;

  constructor(input: Readable = process.stdin) {
    this.#input = input;
  }

  /** The option's value, or the next line where it is `-`; stays open where there is no further line. */
  of(option: string): Promise<string> {
    if (option !== '-') return Promise.resolve(option);
    this.#read();
    return new Promise((resolve) => {
      const line = this.#lines.shift();
      if (line === undefined) this.#waiting.push(resolve);
      else resolve(line);
    });
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    createInterface({ input: this.#input }).on('line', (line) => {
      const resolve = this.#waiting.shift();
      if (resolve) resolve(line);
      else this.#lines.push(line);
    });
  }
}
