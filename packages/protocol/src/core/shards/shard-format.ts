/** The shard file: a block of prepared or raw rows, by column, checksummed, every section on a 64-byte boundary. */
import { LockstepError } from '../../errors/lockstep-error.js';
import type { Crc32 } from '../parameters/chunk.js';

/** Rows of a shard, except the last one of a split. */
export const ROWS_PER_SHARD = 8192;

/** One column of a shard; numeric data is row-major [rows, width]. */
export type ShardColumn =
  | { readonly name: string; readonly type: 'float32'; readonly width: number; readonly data: Float32Array }
  | { readonly name: string; readonly type: 'float64'; readonly width: number; readonly data: Float64Array }
  | { readonly name: string; readonly type: 'string'; readonly width: 1; readonly data: readonly string[] };

/** A block of rows by column. */
export interface Shard {
  readonly rowCount: number;
  readonly columns: readonly ShardColumn[];
}

interface HeaderColumn {
  name: string;
  type: ShardColumn['type'];
  width: number;
  offset: number;
  bytes: number;
}

const MAGIC = 'LKSHARD1';
const ALIGNMENT = 64;
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const ELEMENT_BYTES = { float32: 4, float64: 8 } as const;

const align = (position: number): number => Math.ceil(position / ALIGNMENT) * ALIGNMENT;

/** Bytes of a shard: magic, header length, body CRC-32, JSON header, then the columns. */
export function encodeShard(shard: Shard, crc32: Crc32): Uint8Array {
  const bodies = shard.columns.map((column) => columnBytes(column, shard.rowCount));
  let offset = 0;
  const columns: HeaderColumn[] = shard.columns.map(({ name, type, width }, index) => {
    const bytes = bodies[index]!.length;
    const column = { name, type, width, offset, bytes };
    offset = align(offset + bytes);
    return column;
  });
  const header = new TextEncoder().encode(JSON.stringify({ rowCount: shard.rowCount, columns }));
  const bodyStart = align(MAGIC.length + 8 + header.length);
  const out = new Uint8Array(bodyStart + offset);
  out.set(new TextEncoder().encode(MAGIC));
  out.set(header, MAGIC.length + 8);
  columns.forEach((column, index) => {
    out.set(bodies[index]!, bodyStart + column.offset);
  });
  const view = new DataView(out.buffer);
  view.setUint32(MAGIC.length, header.length, true);
  view.setUint32(MAGIC.length + 4, crc32(out.subarray(MAGIC.length + 8)), true);
  return out;
}

/** A shard from its bytes; columns are copies on their own memory. @throws LockstepError PROTOCOL_VIOLATION on any damage */
export function decodeShard(bytes: Uint8Array, crc32: Crc32): Shard {
  const headStart = MAGIC.length + 8;
  if (bytes.length < headStart || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw damaged('it does not start as a shard');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(MAGIC.length, true);
  if (headerLength > MAX_HEADER_BYTES || headStart + headerLength > bytes.length) throw damaged('its header is cut');
  if (crc32(bytes.subarray(headStart)) !== view.getUint32(MAGIC.length + 4, true))
    throw damaged('its checksum is wrong');
  const { rowCount, columns } = parseHeader(bytes.subarray(headStart, headStart + headerLength));
  const bodyStart = align(headStart + headerLength);
  return { rowCount, columns: columns.map((column) => decodeColumn(bytes, bodyStart, rowCount, column)) };
}

function parseHeader(bytes: Uint8Array): { rowCount: number; columns: HeaderColumn[] } {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as { rowCount: number; columns: HeaderColumn[] };
    if (isCount(header.rowCount) && Array.isArray(header.columns) && header.columns.every(isColumn)) return header;
  } catch (cause) {
    throw damaged('its header is no JSON', cause);
  }
  throw damaged('its header lacks rows or columns, or one of them is malformed');
}

function isColumn({ name, type, width, offset, bytes }: HeaderColumn): boolean {
  const isKnownType = type === 'float32' || type === 'float64' || (type === 'string' && width === 1);
  return typeof name === 'string' && isKnownType && [width, offset, bytes].every(isCount);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function decodeColumn(bytes: Uint8Array, bodyStart: number, rowCount: number, column: HeaderColumn): ShardColumn {
  const { name, type, width, offset } = column;
  const start = bodyStart + offset;
  if (start + column.bytes > bytes.length) throw damaged(`column ${name} is cut`);
  // A Buffer's own slice would be a view.
  const body = Uint8Array.prototype.slice.call(bytes, start, start + column.bytes);
  if (type === 'string') return { name, type, width: 1, data: decodeStrings(body, rowCount, name) };
  if (body.length !== rowCount * width * ELEMENT_BYTES[type]) throw damaged(`column ${name} has another size`);
  return type === 'float32'
    ? { name, type, width, data: new Float32Array(body.buffer) }
    : { name, type, width, data: new Float64Array(body.buffer) };
}

function columnBytes(column: ShardColumn, rowCount: number): Uint8Array {
  const { name, width, data } = column;
  if (data.length !== rowCount * width)
    throw new Error(`column ${name} has ${data.length} values for ${rowCount} rows`);
  if (column.type === 'string') return encodeStrings(column.data);
  return new Uint8Array(column.data.buffer, column.data.byteOffset, column.data.byteLength);
}

function encodeStrings(values: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const joined = values.join('');
  const whole = encoder.encode(joined);
  // Of ASCII alone a text has as many bytes as characters; else each is encoded by itself.
  const isAscii = whole.length === joined.length;
  const encoded = isAscii ? values : values.map((value) => encoder.encode(value));
  const total = encoded.reduce((sum, { length }) => sum + length, 0);
  const out = new Uint8Array(values.length * 4 + total);
  const view = new DataView(out.buffer);
  let at = values.length * 4;
  if (isAscii) out.set(whole, at);
  for (const [index, value] of encoded.entries()) {
    view.setUint32(index * 4, value.length, true);
    if (typeof value !== 'string') out.set(value, at);
    at += value.length;
  }
  return out;
}

function decodeStrings(body: Uint8Array, rowCount: number, name: string): string[] {
  if (body.length < rowCount * 4) throw damaged(`column ${name} is cut`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  // A value may begin with U+FEFF.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const values: string[] = [];
  let at = rowCount * 4;
  for (let row = 0; row < rowCount; row++) {
    const length = view.getUint32(row * 4, true);
    if (at + length > body.length) throw damaged(`column ${name} is cut`);
    values.push(decoder.decode(body.subarray(at, at + length)));
    at += length;
  }
  return values;
}

function damaged(what: string, cause?: unknown): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `A shard is damaged: ${what}.`, field: 'shard', cause });
}
