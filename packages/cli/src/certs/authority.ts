/** A certificate authority of one's own: makes certificates of coordinators, and of everything that dials them. */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly cert: string;
  /** PKCS #8. */
  readonly key: string;
}

/** What a certificate is for. */
export type Purpose =
  | { readonly kind: 'server' /** Names and addresses that it is reached by. */; readonly hosts: readonly string[] }
  | {
      readonly kind: 'client' /** `lockstep://ROLE/NAME` or `lockstep://ROLE/NAMESPACE/NAME`. */;
      readonly uri: string;
    };

/** From when to when a certificate holds. */
export interface Validity {
  readonly from: Date;
  readonly days: number;
}

/** P-256: as strong as RSA of 3072 bits, and a handshake takes a tenth of its time. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Machines whose clocks are a little behind take a new certificate too. */
const CLOCK_SLACK_MS = 300_000;

/** Makes a CA, whose key signs certificates and nothing else. */
export async function makeAuthority(name: string, validity: Validity): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  return { cert: await selfSign(name, keys, validity), key: await pemOf(keys.privateKey) };
}

/** Makes a CA's certificate anew for the same key: what the CA has issued stays good. */
export async function renewAuthority({ cert, key }: KeyPair, validity: Validity): Promise<KeyPair> {
  const { subject, publicKey } = new X509Certificate(cert);
  const keys = { privateKey: await importKey(key), publicKey: await publicKey.export() };
  return { cert: await selfSign(subject.replace(/^CN=/, ''), keys, validity), key };
}

/** Issues a certificate for a new key. */
export async function issue(authority: KeyPair, purpose: Purpose, validity: Validity): Promise<KeyPair> {
  const names: JsonGeneralNames =
    purpose.kind === 'server'
      ? purpose.hosts.map((host) => ({ type: isIP(host) ? 'ip' : 'dns', value: host }))
      : [{ type: 'url', value: purpose.uri }];
  return sign(authority, validity, {
    commonName: purpose.kind === 'server' ? (purpose.hosts[0] ?? '') : purpose.uri.replace('lockstep://', ''),
    names: new SubjectAlternativeNameExtension(names),
    usage: new ExtendedKeyUsageExtension([
      purpose.kind === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
    ]),
  });
}

/** Issues a certificate with a new key for what another one is for. @throws Error where it names nobody */
export async function reissue(authority: KeyPair, cert: string, validity: Validity): Promise<KeyPair> {
  const before = new X509Certificate(cert);
  const names = before.getExtension(SubjectAlternativeNameExtension);
  const usage = before.getExtension(ExtendedKeyUsageExtension);
  if (!names || !usage) throw new Error('it does not say what it is for');
  return sign(authority, validity, { commonName: before.subject.replace(/^CN=/, ''), names, usage });
}

interface Subject {
  readonly commonName: string;
  readonly names: Extension;
  readonly usage: Extension;
}

async function sign(authority: KeyPair, validity: Validity, subject: Subject): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.cert);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.create({
    subject: [{ CN: [subject.commonName] }],
    issuer: issuer.subjectName,
    ...datesOf(validity),
    signingAlgorithm: ALGORITHM,
    signingKey: await importKey(authority.key),
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      subject.usage,
      subject.names,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

async function selfSign(name: string, keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<string> {
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    ...datesOf(validity),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${cert.toString('pem')}\n`;
}

function datesOf({ from, days }: Validity): { readonly notBefore: Date; readonly notAfter: Date } {
  const start = from.getTime();
  return { notBefore: new Date(start - CLOCK_SLACK_MS), notAfter: new Date(start + days * DAY_MS) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag)}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, true, ['sign']);
}
