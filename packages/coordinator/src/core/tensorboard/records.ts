/** TFRecord framing: length, masked CRC-32C of it, payload, masked CRC-32C of that; all little-endian. */
import crc32c from 'crc-32/crc32c.js';

const HEAD_BYTES = 12;
const FOOT_BYTES = 4;
/** Longest payload that is believed: above it, a length is a damaged one. */
const MAX_PAYLOAD_BYTES = 2 ** 30;

/** A payload as a record. */
export function encodeRecord(payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEAD_BYTES + payload.length + FOOT_BYTES);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(payload, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + payload.length, maskedCrc(payload), true);
  return record;
}

/** A whole record of a file. */
export interface FoundRecord {
  readonly payload: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

/** The records of a file up to the first that is torn or damaged. */
export function* readRecords(bytes: Uint8Array): Generator<FoundRecord, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start + HEAD_BYTES + FOOT_BYTES <= bytes.length; ) {
    if (view.getUint32(start + 8, true) !== maskedCrc(bytes.subarray(start, start + 8))) return;
    const length = Number(view.getBigUint64(start, true));
    const end = start + HEAD_BYTES + length + FOOT_BYTES;
    if (length > MAX_PAYLOAD_BYTES || end > bytes.length) return;
    const payload = bytes.subarray(start + HEAD_BYTES, end - FOOT_BYTES);
    if (view.getUint32(end - FOOT_BYTES, true) !== maskedCrc(payload)) return;
    yield { payload, end };
    start = end;
  }
}

/** Rotated by 15 bits and moved by a constant, so that a checksum of data with checksums in it is not 0. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
