/**
 * The seal of a model: its last metadata entry holds the SHA-256 of all bytes before it, so that a damaged file is known.
 * Every reader of ONNX takes it for one more entry.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from './gen/onnx_pb.js';

/** Key of the entry. */
export const SEAL_KEY = 'lockstep.sha256';
/** Characters of a SHA-256 as hex. */
const HEX_LENGTH = 64;

/** Bytes to append to a model. @param sha256 hex, of the bytes of the model so far */
export function seal(sha256: string): Uint8Array {
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { metadataProps: [{ key: SEAL_KEY, value: sha256 }] }));
}

/** A model and what its seal says. */
export interface SealedModel {
  readonly body: Uint8Array;
  /** Hex; that of `body` where nothing was changed. */
  readonly sha256: string;
}

/** Takes a model and its seal apart; null where the last bytes are none. */
export function openSeal(bytes: Uint8Array): SealedModel | null {
  const length = seal('0'.repeat(HEX_LENGTH)).length;
  const start = bytes.length - length;
  if (start < 0) return null;
  const sha256 = Buffer.from(bytes.subarray(bytes.length - HEX_LENGTH)).toString('latin1');
  const isSeal = /^[0-9a-f]{64}$/.test(sha256) && Buffer.from(seal(sha256)).equals(bytes.subarray(start));
  return isSeal ? { body: bytes.subarray(0, start), sha256 } : null;
}
