/** Makes, renews and shows certificates. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { issue, makeAuthority, reissue, renewAuthority, type Validity } from '../certs/authority.js';
import { AUTHORITY, CertsFolder } from '../certs/folder.js';
import { parseCount } from '../options.js';

/** Options that all of them have. */
interface DirOptions {
  readonly dir: string;
}

/** Options of those that make certificates. */
interface ValidityOptions extends DirOptions {
  readonly days: string;
}

/** Roles that a certificate may state. */
const ROLES: readonly string[] = ['admin', 'submitter', 'viewer', 'worker'];
/** A DNS label. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** How a machine calls itself; everybody reaches a local coordinator by one of them. */
const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1'];
/** 30 years. */
const MAX_DAYS = 11_000;
const DAY_MS = 86_400_000;

/** Runs `lockstep certs init`. @throws LockstepError OUTPUT_EXISTS */
export async function certsInit(options: ValidityOptions & { readonly name: string }): Promise<void> {
  const folder = new CertsFolder(resolve(options.dir));
  if (await folder.has(AUTHORITY)) {
    throw new LockstepError('OUTPUT_EXISTS', {
      message: `${folder.path} has a CA already; another one would make all that it issued worthless.`,
      ...{ field: '--dir', value: options.dir },
      fix: 'Give another --dir, or renew this one with `lockstep certs renew ca`.',
    });
  }
  await folder.write(AUTHORITY, await makeAuthority(options.name, validityOf(options)));
  process.stdout.write(`${folder.certPath(AUTHORITY)}\n`);
  note(`keep ${folder.keyPath(AUTHORITY)} to yourself: it signs certificates of every role`);
  note('next: lockstep certs issue server --host NAME');
}

/** Options of `lockstep certs issue`. */
export interface IssueOptions extends ValidityOptions {
  readonly host: readonly string[];
  readonly namespace?: string | undefined;
}

/** Runs `lockstep certs issue`. @throws LockstepError USAGE, TLS_INVALID without a CA */
export async function certsIssue(role: string, name: string | undefined, options: IssueOptions): Promise<void> {
  const folder = new CertsFolder(resolve(options.dir));
  const isServer = role === 'server';
  const file = isServer ? (name ?? 'server') : [role, options.namespace, name].filter(Boolean).join('-');
  label(isServer ? file : name, 'NAME');
  const purpose = isServer
    ? { kind: 'server' as const, hosts: [...new Set([...options.host, ...OWN_HOSTS])] }
    : { kind: 'client' as const, uri: identityOf(role, name, options.namespace) };
  const authority = await folder.read(AUTHORITY);
  await folder.write(file, await issue(authority, purpose, validityOf(options)));
  process.stdout.write(`${folder.certPath(file)}\n`);
  const [cert, key] = [folder.certPath(file), folder.keyPath(file)];
  const ca = `${isServer ? '--tls-client-ca' : '--tls-ca'} ${folder.certPath(AUTHORITY)}`;
  note(
    `next: lockstep ${isServer ? 'coordinator' : role === 'worker' ? 'worker' : 'jobs'} --tls-cert ${cert} --tls-key ${key} ${ca}`,
  );
}

/** Runs `lockstep certs renew`. @throws LockstepError TLS_INVALID */
export async function certsRenew(
  names: readonly string[],
  options: ValidityOptions & { readonly within?: string | undefined },
): Promise<void> {
  const folder = new CertsFolder(resolve(options.dir));
  const within = options.within === undefined ? MAX_DAYS : parseCount(options.within, '--within', MAX_DAYS);
  const validity = validityOf(options);
  const chosen = names.length > 0 ? names : (await folder.names()).filter((name) => name !== AUTHORITY);
  for (const name of chosen) {
    const before = await folder.read(name);
    if (daysLeft(before.cert) > within) continue;
    await folder.write(name, await renewed(folder, name, before, validity));
    process.stdout.write(`${folder.certPath(name)}\n`);
  }
}

async function renewed(
  folder: CertsFolder,
  name: string,
  before: { readonly cert: string; readonly key: string },
  validity: Validity,
): Promise<{ readonly cert: string; readonly key: string }> {
  if (name === AUTHORITY) return renewAuthority(before, validity);
  return reissue(await folder.read(AUTHORITY), before.cert, validity).catch((cause: Error) => {
    const value = folder.certPath(name);
    throw new LockstepError('TLS_INVALID', { message: `${value} cannot be renewed: ${cause.message}.`, value, cause });
  });
}

/** Runs `lockstep certs show`. */
export async function certsShow(options: DirOptions & { readonly json?: true | undefined }): Promise<void> {
  const folder = new CertsFolder(resolve(options.dir));
  for (const name of await folder.names()) {
    const { cert } = await folder.read(name);
    const { subjectAltName = '', validTo } = new X509Certificate(cert);
    const expires = new Date(validTo).toISOString();
    const days = Math.floor(daysLeft(cert));
    const line = options.json
      ? JSON.stringify({ name, subjectAltName, expires })
      : `${name}  ${days < 0 ? 'expired' : `${days} days left`}  ${expires}  ${subjectAltName}`;
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

function daysLeft(cert: string): number {
  return (Date.parse(new X509Certificate(cert).validTo) - Date.now()) / DAY_MS;
}

function validityOf({ days }: ValidityOptions): Validity {
  return { from: new Date(), days: Math.max(1, parseCount(days, '--days', MAX_DAYS)) };
}

function identityOf(role: string, name: string | undefined, namespace: string | undefined): string {
  if (!ROLES.includes(role)) {
    const fix = `Use server, ${ROLES.join(', ')}.`;
    throw new LockstepError('USAGE', { message: `There is no role ${role}.`, field: 'ROLE', value: role, fix });
  }
  return `lockstep://${[role, ...(namespace === undefined ? [] : [label(namespace, '--namespace')]), label(name, 'NAME')].join('/')}`;
}

function label(text: string | undefined, field: string): string {
  if (text !== undefined && LABEL.test(text)) return text;
  throw new LockstepError('USAGE', {
    message: text === undefined ? `${field} is missing.` : `${field} is no DNS label.`,
    ...{ field, value: text ?? '' },
    fix: 'Use at most 63 lower-case letters, digits and hyphens.',
  });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
