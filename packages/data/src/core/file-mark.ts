/** Knows files that are no text by their first bytes, so that a message can say what they are. */

/** First bytes of a file that are enough to know it by. */
export const MARK_BYTES = 8;

/** What a file is that cannot be read as text, and what to do about it. */
export interface ForeignFile {
  readonly what: string;
  readonly fix: string;
}

const UNPACK = 'Unpack it, or pack it with gzip.';
const SHEET = 'save the sheet as CSV in UTF-8.';
/** First bytes in hexadecimal digits. The one behind PAR1 is that of a page: a header of CSV may begin with PAR1. */
const FOREIGN: readonly (readonly [bytes: string, file: ForeignFile])[] = [
  ['5041523115', { what: 'is a Parquet file', fix: 'Name it .parquet, or set data.format: parquet.' }],
  ['504b0304', { what: 'is a zip archive or an Excel workbook', fix: `Unpack it, or ${SHEET}` }],
  ['d0cf11e0', { what: 'is an Excel workbook of the old kind', fix: `Open it and ${SHEET}` }],
  ['28b52ffd', { what: 'is packed with zstd', fix: UNPACK }],
  ['fd377a585a00', { what: 'is packed with xz', fix: UNPACK }],
  ['425a6839314159', { what: 'is packed with bzip2', fix: UNPACK }],
  ['4152524f5731', { what: 'is an Arrow file', fix: 'Write it as Parquet.' }],
];

const UTF_16: ForeignFile = {
  what: 'is in UTF-16 without a byte order mark',
  fix: 'Set data.encoding: utf-16, or save it in UTF-8.',
};
const UTF_16_BIG_ENDIAN: ForeignFile = {
  what: 'is in UTF-16 of the other byte order, without a mark that says so',
  fix: 'Save it in UTF-8.',
};

/** What a file is that begins so; null where it may be text. Latin letters in UTF-16 have a zero in every other byte. */
export function foreignFile(start: Buffer): ForeignFile | null {
  const bytes = start.toString('hex', 0, MARK_BYTES);
  const found = FOREIGN.find(([mark]) => bytes.startsWith(mark));
  if (found) return found[1];
  const zeros = [...start.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : 'x')).join('');
  if (zeros === 'x0x0') return UTF_16;
  return zeros === '0x0x' ? UTF_16_BIG_ENDIAN : null;
}
