/**
 * Ed25519 keys in the spelling of NATS: a byte for the kind, 32 bytes, a CRC-16, all in base32. Node signs with them in
 * tenths of a millisecond, where the library of NATS takes 20 to 30 and holds the event loop meanwhile.
 * https://github.com/nats-io/nkeys
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signEd25519,
} from 'node:crypto';

/** What a key is for, by the byte that a public key begins with. */
const KINDS = { operator: 14 << 3, account: 0, user: 20 << 3 } as const;
/** First byte of a seed, before the kind. */
const SEED = 18 << 3;

export type NkeyKind = keyof typeof KINDS;

const KEY_BYTES = 32;
const CHECKSUM_BYTES = 2;
/** What PKCS #8 puts before the 32 bytes of an Ed25519 key (RFC 8410, section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A key with its private half. */
export class Nkey {
  readonly kind: NkeyKind;
  /** The public half, in 56 letters: who this is. */
  readonly id: string;
  readonly #key: KeyObject;

  private constructor(kind: NkeyKind, key: KeyObject) {
    this.kind = kind;
    this.#key = key;
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.id = spell(Buffer.concat([Buffer.of(KINDS[kind]), spki.subarray(-KEY_BYTES)]));
  }

  /** Draws a new one. */
  static draw(kind: NkeyKind): Nkey {
    return new Nkey(kind, generateKeyPairSync('ed25519').privateKey);
  }

  /**
   * Reads a seed, or an Ed25519 key in PEM, as `openssl genpkey -algorithm ed25519` writes it.
   * @throws Error saying what is wrong, without any of the text
   */
  static read(kind: NkeyKind, text: string): Nkey {
    if (text.includes('-----BEGIN PRIVATE KEY-----')) {
      const key = createPrivateKey(text);
      if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${key.asymmetricKeyType}, not Ed25519`);
      return new Nkey(kind, key);
    }
    const raw = unspell(text.trim());
    const isOfKind = raw.length === KEY_BYTES + 2 && raw.readUInt16BE() === seedPrefix(kind);
    if (!isOfKind) throw new Error(`it is no seed of NATS for ${article(kind)} ${kind}`);
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, raw.subarray(2)]), format: 'der', type: 'pkcs8' });
    return new Nkey(kind, key);
  }

  /** The private half: 58 letters that are to be kept secret. */
  get seed(): string {
    const pkcs8 = this.#key.export({ type: 'pkcs8', format: 'der' });
    const head = Buffer.alloc(2);
    head.writeUInt16BE(seedPrefix(this.kind));
    return spell(Buffer.concat([head, pkcs8.subarray(-KEY_BYTES)]));
  }

  /** Signs text. @returns 64 bytes in base64url */
  sign(text: string): string {
    return signEd25519(null, Buffer.from(text), this.#key).toString('base64url');
  }
}

function article(kind: NkeyKind): string {
  return /^[aeio]/.test(kind) ? 'an' : 'a';
}

/** The kind stands in five bits behind the three of the seed, so that both are letters of their own. */
function seedPrefix(kind: NkeyKind): number {
  return ((SEED | (KINDS[kind] >> 5)) << 8) | ((KINDS[kind] & 31) << 3);
}

function spell(bytes: Buffer): string {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt16LE(crc16(bytes));
  let bits = '';
  for (const byte of Buffer.concat([bytes, checksum])) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** @throws Error where it is not spelled so, or not whole */
function unspell(text: string): Buffer {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter));
  if (bits.length === 0 || bits.includes(-1)) throw new Error('it is not in base32');
  const bytes = Buffer.from(
    (
      bits
        .map((five) => five.toString(2).padStart(5, '0'))
        .join('')
        .match(/.{8}/g) ?? []
    ).map((byte) => Number.parseInt(byte, 2)),
  );
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (body.length === 0 || bytes.readUInt16LE(body.length) !== crc16(body)) throw new Error('its checksum is wrong');
  return body;
}

/** CRC-16/XMODEM: polynomial 0x1021, from 0. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}
