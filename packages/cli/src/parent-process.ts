/** What the process that started this one tells it by standard input: an address that comes late, and its own end. */
import type { Readable } from 'node:stream';

/** Ends this process as soon as its parent is gone, also when that was killed. Nobody is left to answer to. */
export function exitWithParent(input: Readable = process.stdin): void {
  const exit = (): void => process.exit(0);
  input.once('end', exit).once('close', exit).once('error', exit).resume();
}

/** An option's value, or the first line of `input` where the option is `-`; stays open where `input` ends without one. */
export function lateValue(option: string, input: Readable = process.stdin): Promise<string> {
  if (option !== '-') return Promise.resolve(option);
  return new Promise((resolve) => {
    let text = '';
    const collect = (piece: string): void => {
      text += piece;
      const end = text.indexOf('\n');
      if (end < 0) return;
      input.off('data', collect);
      resolve(text.slice(0, end));
    };
    input.setEncoding('utf8').on('data', collect);
  });
}
