/** A CA, and certificates of it, in files for one test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { issue, type KeyPair, makeAuthority, type Purpose } from '../../packages/cli/src/certs/authority.js';

/** Paths of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A CA whose folder is gone when the test is over. */
export class TestAuthority {
  readonly folder: string;
  readonly #pair: KeyPair;

  private constructor(folder: string, pair: KeyPair) {
    this.folder = folder;
    this.#pair = pair;
  }

  static async make(): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-certs-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const authority = new TestAuthority(folder, await makeAuthority('test CA', { from: new Date(), days: 1 }));
    await writeFile(authority.ca, authority.#pair.cert);
    return authority;
  }

  /** Path of the CA's certificate. */
  get ca(): string {
    return join(this.folder, 'ca.pem');
  }

  /** Issues a certificate of a server on this machine. */
  server(hosts: readonly string[] = ['127.0.0.1', 'localhost']): Promise<CertificateFiles> {
    return this.#issue('server', { kind: 'server', hosts });
  }

  /** Issues a certificate of a client. @param from since when it holds for a day. @default now */
  client(uri: string, from = new Date()): Promise<CertificateFiles> {
    return this.#issue(uri.replace(/\W+/g, '-'), { kind: 'client', uri }, from);
  }

  async #issue(name: string, purpose: Purpose, from = new Date()): Promise<CertificateFiles> {
    const { cert, key } = await issue(this.#pair, purpose, { from, days: 1 });
    const files = { cert: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}-key.pem`) };
    await writeFile(files.cert, cert);
    await writeFile(files.key, key);
    return files;
  }
}
