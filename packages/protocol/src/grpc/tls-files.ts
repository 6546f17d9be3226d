/** Certificates, keys and CAs from files that are read again when they change, for connections made from then on. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { experimental } from '@grpc/grpc-js';
import { LockstepError } from '../errors/lockstep-error.js';
import { TLS_POLL_MS } from '../limits.js';

/** Paths of PEM files. A certificate and its key come together. */
export interface TlsPaths {
  /** CAs whose certificates are trusted. */
  readonly ca?: string;
  /** Own certificate, its issuers below it. */
  readonly cert?: string;
  readonly key?: string;
}

/** What the files hold. */
export interface TlsContents {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Names of the options that give the paths, for messages. */
export type TlsOptionNames = Readonly<Record<keyof TlsPaths, string>>;

/** The options of everything that dials. */
export const CLIENT_TLS_OPTIONS: TlsOptionNames = { ca: '--tls-ca', cert: '--tls-cert', key: '--tls-key' };

/** Files that are looked at again as long as anybody listens. What they hold in between stays in use where a look finds them unusable. */
export class TlsFiles implements experimental.CertificateProvider {
  readonly #paths: TlsPaths;
  readonly #names: TlsOptionNames;
  readonly #onError: (error: LockstepError) => void;
  #contents: TlsContents;
  readonly #changed = new Set<(contents: TlsContents) => void>();
  readonly #caListeners = new Set<experimental.CaCertificateUpdateListener>();
  readonly #identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();
  #timer: NodeJS.Timeout | null = null;

  private constructor(
    paths: TlsPaths,
    names: TlsOptionNames,
    contents: TlsContents,
    onError: (error: LockstepError) => void,
  ) {
    this.#paths = paths;
    this.#names = names;
    this.#contents = contents;
    this.#onError = onError;
  }

  /**
   * Reads the files.
   * @param onError told of later contents that cannot be used
   * @throws LockstepError TLS_INVALID naming the option
   */
  static async open(
    paths: TlsPaths,
    names: TlsOptionNames,
    onError: (error: LockstepError) => void = () => {},
  ): Promise<TlsFiles> {
    return new TlsFiles(paths, names, await readContents(paths, names), onError);
  }

  /** What the files held when they were last usable. */
  get contents(): TlsContents {
    return this.#contents;
  }

  /** Tells of new contents. @returns what ends that */
  follow(listener: (contents: TlsContents) => void): () => void {
    this.#changed.add(listener);
    this.#watch();
    return () => {
      this.#changed.delete(listener);
      this.#rest();
    };
  }

  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.#caListeners.add(listener);
    this.#watch();
    // As the library's own does: who adds a listener is not ready for its call yet.
    process.nextTick(() => listener(this.#caUpdate()));
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.#caListeners.delete(listener);
    this.#rest();
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.#identityListeners.add(listener);
    this.#watch();
    process.nextTick(() => listener(this.#identityUpdate()));
  }

  removeIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.#identityListeners.delete(listener);
    this.#rest();
  }

  /** Looks at the files now. */
  async refresh(): Promise<void> {
    const contents = await readContents(this.#paths, this.#names).catch((thrown: unknown) => {
      this.#onError(LockstepError.from(thrown));
      return null;
    });
    if (!contents || !differ(contents, this.#contents)) return;
    this.#contents = contents;
    for (const listener of this.#caListeners) listener(this.#caUpdate());
    for (const listener of this.#identityListeners) listener(this.#identityUpdate());
    for (const listener of this.#changed) listener(contents);
  }

  #caUpdate(): experimental.CaCertificateUpdate | null {
    const { ca } = this.#contents;
    return ca ? { caCertificate: ca } : null;
  }

  #identityUpdate(): experimental.IdentityCertificateUpdate | null {
    const { cert, key } = this.#contents;
    return cert && key ? { certificate: cert, privateKey: key } : null;
  }

  #watch(): void {
    this.#timer ??= setInterval(() => void this.refresh(), TLS_POLL_MS).unref();
  }

  #rest(): void {
    if (this.#changed.size + this.#caListeners.size + this.#identityListeners.size > 0) return;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

async function readContents(paths: TlsPaths, names: TlsOptionNames): Promise<TlsContents> {
  if ((paths.cert === undefined) !== (paths.key === undefined)) {
    const [given, missing] = paths.cert === undefined ? ([names.key, names.cert] as const) : [names.cert, names.key];
    const message = `${given} is given without ${missing}.`;
    throw new LockstepError('TLS_INVALID', { message, field: missing, fix: `Add ${missing} FILE.` });
  }
  const read = async (what: keyof TlsPaths): Promise<Buffer | undefined> => {
    const path = paths[what];
    if (path === undefined) return undefined;
    return readFile(path).catch((cause: Error) => {
      throw invalid(names[what], path, `cannot be read: ${cause.message}`, cause);
    });
  };
  const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')]);
  if (ca) parse(names.ca, paths.ca, () => new X509Certificate(ca));
  if (cert && key) {
    const leaf = parse(names.cert, paths.cert, () => new X509Certificate(cert));
    const own = parse(names.key, paths.key, () => createPrivateKey(key));
    if (!leaf.checkPrivateKey(own)) throw invalid(names.key, paths.key, `is not the key of ${paths.cert}`);
  }
  return { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
}

function parse<Value>(name: string, path: string | undefined, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw invalid(name, path, 'is no PEM of the kind that belongs there', cause);
  }
}

function invalid(name: string, path: string | undefined, what: string, cause?: unknown): LockstepError {
  return new LockstepError('TLS_INVALID', { message: `${path} ${what}.`, field: name, value: path ?? '', cause });
}

function differ(left: TlsContents, right: TlsContents): boolean {
  return (['ca', 'cert', 'key'] as const).some((what) => {
    const [a, b] = [left[what], right[what]];
    return a === undefined || b === undefined ? a !== b : !a.equals(b);
  });
}
