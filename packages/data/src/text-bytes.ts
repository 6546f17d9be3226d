/** The bytes of a text file as UTF-8 without a mark, whatever it is compressed with and encoded in; streamed. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { foreignFile, MARK_BYTES } from './core/file-mark.js';
import { unreadableFile } from './source-file.js';
import type { DataFile, ReadingOptions } from './table-file.js';

/** Bytes that are read at once. */
const PIECE_BYTES = 1 << 18;
/** Characters before a wrong byte that a message shows. */
const SHOWN_BEFORE = 20;
/** A pair of code units that belong together, or one that stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Windows-1252 for 0x80 to 0x9f, as the Encoding Standard of the WHATWG has it. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** A text file. */
export interface TextFile {
  readonly path: string;
  /** Its name in messages. */
  readonly fileName: string;
  readonly encoding: NonNullable<ReadingOptions['encoding']>;
  /** Bytes read at once. @default 256 KiB */
  readonly pieceBytes?: number;
}

/** A file to be read as text in the way that a spec says. */
export function textFile({ path, name }: DataFile, { encoding = 'auto', pieceBytes }: ReadingOptions): TextFile {
  return { ...{ path, fileName: name, encoding }, ...(pieceBytes === undefined ? {} : { pieceBytes }) };
}

/** Streams a text as UTF-8. Bytes of a text that is said to be UTF-8 come as they are. @throws LockstepError DATA_UNREADABLE */
export async function* readTextBytes(file: TextFile): AsyncGenerator<Buffer> {
  const raw = createReadStream(file.path, { highWaterMark: file.pieceBytes ?? PIECE_BYTES });
  let gunzip: ReturnType<typeof createGunzip> | null = null;
  try {
    const { start, rest } = await beginning(raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
    let pieces = rest;
    let first = start;
    if (isGzip(start)) {
      gunzip = createGunzip({ chunkSize: PIECE_BYTES });
      feed(gunzip, start, rest);
      const inner = await beginning(gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
      pieces = inner.rest;
      first = inner.start;
    }
    yield* decoded(first, pieces, file);
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code?.startsWith('Z_')
      ? unreadableFile(file.fileName, 'is damaged: it does not unpack as gzip to its end', 'Pack it again.', cause)
      : cause;
  } finally {
    raw.destroy();
    gunzip?.destroy();
  }
}

/** Whether a file that begins so is packed with gzip. */
export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The first bytes of a stream, enough to know it by, and the pieces behind them. */
async function beginning(stream: AsyncIterator<Buffer>): Promise<{ start: Buffer; rest: AsyncIterable<Buffer> }> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < MARK_BYTES) {
    const { done, value } = await stream.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  return { start, rest: { [Symbol.asyncIterator]: () => stream } };
}

/** Writes pieces into a transform at its pace; what fails there fails its reader. */
function feed(gunzip: ReturnType<typeof createGunzip>, start: Buffer, rest: AsyncIterable<Buffer>): void {
  const run = async (): Promise<void> => {
    const write = async (piece: Buffer): Promise<void> => {
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
    };
    await write(start);
    for await (const piece of rest) {
      if (gunzip.destroyed) return;
      await write(piece);
    }
    gunzip.end();
  };
  run().catch((thrown: Error) => gunzip.destroy(thrown));
}

function decoded(start: Buffer, rest: AsyncIterable<Buffer>, file: TextFile): AsyncIterable<Buffer> {
  const { encoding, fileName } = file;
  const mark = markOf(start);
  if (mark && encoding !== 'auto' && encoding !== mark.encoding) {
    const what = `is in ${mark.encoding.toUpperCase()}, as its byte order mark says, and data.encoding is ${encoding}`;
    throw unreadableFile(fileName, what, 'Set data.encoding: auto.');
  }
  const text = start.subarray(mark?.bytes ?? 0);
  if ((mark?.encoding ?? encoding) === 'utf-16') return fromUtf16(text, rest, mark?.isBigEndian ?? false, fileName);
  const foreign = foreignFile(text);
  if (foreign) throw unreadableFile(fileName, foreign.what, foreign.fix);
  return encoding === 'latin1' ? fromLatin1(text, rest) : joined(text, rest);
}

interface ByteOrderMark {
  readonly encoding: 'utf-8' | 'utf-16';
  readonly isBigEndian: boolean;
  readonly bytes: number;
}

function markOf(start: Buffer): ByteOrderMark | null {
  const bytes = start.toString('hex', 0, 3);
  if (bytes === 'efbbbf') return { encoding: 'utf-8', isBigEndian: false, bytes: 3 };
  const isBigEndian = bytes.startsWith('feff');
  return isBigEndian || bytes.startsWith('fffe') ? { encoding: 'utf-16', isBigEndian, bytes: 2 } : null;
}

async function* joined(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

async function* fromLatin1(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of joined(start, rest)) {
    const text = piece.toString('latin1');
    yield Buffer.from(text.replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80]!));
  }
}

async function* fromUtf16(
  start: Buffer,
  rest: AsyncIterable<Buffer>,
  isBigEndian: boolean,
  fileName: string,
): AsyncGenerator<Buffer> {
  const decoder = new StringDecoder('utf16le');
  let odd: Buffer = Buffer.alloc(0);
  for await (const piece of joined(start, rest)) {
    const bytes = Buffer.concat([odd, piece]);
    const whole = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
    odd = bytes.subarray(whole.length);
    yield Buffer.from(wellFormed(decoder.write(isBigEndian ? whole.swap16() : whole), fileName));
  }
  if (odd.length > 0 || decoder.end() !== '') throw brokenUtf16(fileName, 'ends within a character');
}

function wellFormed(text: string, fileName: string): string {
  const at = text.search(LONE_SURROGATE);
  if (at < 0) return text;
  throw brokenUtf16(fileName, `has half a character (0x${text.charCodeAt(at).toString(16)})`);
}

function brokenUtf16(fileName: string, what: string): Error {
  return unreadableFile(fileName, `is in UTF-16, but ${what}`, 'Save it again, in UTF-8 if you can.');
}

/** What a message says of a byte that is not UTF-8, and the lines before the one that it stands on. */
export function wrongByte(bytes: Buffer, at: number): { what: string; fix: string; lines: number } {
  const before = bytes.toString('utf8', 0, at).split(/\r\n|\n|\r/);
  const near = before.at(-1)!.slice(-SHOWN_BEFORE);
  const byte = `0x${bytes[at]!.toString(16).toUpperCase()}`;
  return {
    what: `is not in UTF-8: the byte ${byte} after ${JSON.stringify(near)}`,
    fix: 'Save it in UTF-8, or set data.encoding: latin1 where it is in Latin-1 or Windows-1252.',
    lines: before.length - 1,
  };
}

/** Where the first byte stands that is not UTF-8; -1 where all are. */
export function firstNonUtf8(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > 1 && !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return -1;
}
