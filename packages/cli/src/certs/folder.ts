/** The folder of `lockstep certs`: `NAME.pem` and `NAME-key.pem` of the CA and of each certificate. */
import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { makeFolder } from '@lockstep/protocol/disk';
import type { KeyPair } from './authority.js';

/** Name of the CA's files. */
export const AUTHORITY = 'ca';
const KEY_END = '-key.pem';

/** Certificates and keys below one folder. */
export class CertsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  certPath(name: string): string {
    return join(this.path, `${name}.pem`);
  }

  keyPath(name: string): string {
    return join(this.path, `${name}${KEY_END}`);
  }

  /** Names of the certificates that have a key here, the CA's first. */
  async names(): Promise<readonly string[]> {
    const files = await readdir(this.path).catch(() => []);
    const names = files.filter((file) => file.endsWith(KEY_END)).map((file) => file.slice(0, -KEY_END.length));
    return names.sort((a, b) => Number(b === AUTHORITY) - Number(a === AUTHORITY) || (a < b ? -1 : 1));
  }

  async has(name: string): Promise<boolean> {
    return (await this.names()).includes(name);
  }

  /** @throws LockstepError TLS_INVALID where it is not there */
  async read(name: string): Promise<KeyPair> {
    try {
      const [cert, key] = await Promise.all([
        readFile(this.certPath(name), 'utf8'),
        readFile(this.keyPath(name), 'utf8'),
      ]);
      return { cert, key };
    } catch (cause) {
      const isAuthority = name === AUTHORITY;
      throw new LockstepError('TLS_INVALID', {
        message: `${this.path} has no ${isAuthority ? 'CA' : `certificate ${name}`}: ${(cause as Error).message}`,
        ...{ field: '--dir', value: this.path, cause },
        fix: isAuthority
          ? 'Make one with `lockstep certs init`.'
          : 'See `lockstep certs show` for those that there are.',
      });
    }
  }

  /** Writes a pair, of which only the owner may read the key. @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL */
  async write(name: string, { cert, key }: KeyPair): Promise<void> {
    await makeFolder(this.path);
    // The key first: whoever sees only it has a certificate that it does not fit, and waits.
    await writeSecret(this.keyPath(name), key, 0o600);
    await writeSecret(this.certPath(name), cert, 0o644);
  }
}

/**
 * Writes a file with its permissions from the first byte on, under a temporary name.
 * @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function writeSecret(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw writeError(path, cause, { field: '--dir' });
  }
}
