/** Makes, lists and revokes tokens of a coordinator. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { drawToken, type KeptToken, readTokens, writeTokens } from '@lockstep/coordinator/tokens';
import { LockstepError } from '@lockstep/protocol/core';
import { writeSecret } from '../certs/folder.js';
import { parseCount } from '../options.js';

/** Options that all of them have. */
interface FileOptions {
  readonly file: string;
}

/** Options of `lockstep tokens create`. */
export interface CreateOptions extends FileOptions {
  readonly namespace: readonly string[];
  readonly days: string;
  readonly once?: true | undefined;
}

/** 10 years. */
const MAX_DAYS = 3650;
const DAY_SECONDS = 86_400;
const ROLES = ['admin', 'submitter', 'viewer', 'worker'] as const;
/** A DNS label, or `*` for all. */
const LABEL = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;

/** Runs `lockstep tokens create`: the token is the only thing on stdout. @throws LockstepError USAGE, TOKENS_INVALID */
export async function tokensCreate(role: string, name: string, options: CreateOptions): Promise<void> {
  const known = ROLES.find((one) => one === role);
  if (!known) {
    const fix = `Use ${ROLES.join(', ')}.`;
    throw new LockstepError('USAGE', { message: `There is no role ${role}.`, field: 'ROLE', value: role, fix });
  }
  if (options.once && known !== 'worker') {
    const fix = 'Leave out --once, or use the role worker.';
    throw new LockstepError('USAGE', { message: '--once is for workers.', field: '--once', value: role, fix });
  }
  const namespaces = options.namespace.length > 0 ? options.namespace : ['default'];
  for (const text of [name, ...namespaces.filter((one) => one !== '*')]) checkLabel(text);
  const createdUnixSeconds = Math.floor(Date.now() / 1000);
  const days = Math.max(1, parseCount(options.days, '--days', MAX_DAYS));
  const { text, kept } = drawToken({
    ...{ name, role: known, namespaces: [...namespaces], createdUnixSeconds, once: options.once === true },
    expiresUnixSeconds: createdUnixSeconds + days * DAY_SECONDS,
  });
  await change(options.file, (tokens) => [...tokens, kept]);
  process.stdout.write(`${text}\n`);
  process.stderr.write(`token ${kept.id} of ${role} ${name}; only its hash is kept, so it is shown this once\n`);
}

/** Runs `lockstep tokens list`. */
export async function tokensList(options: FileOptions & { readonly json?: true | undefined }): Promise<void> {
  for (const { id, name, role, namespaces, expiresUnixSeconds } of await readTokens(resolve(options.file))) {
    const expires = new Date(expiresUnixSeconds * 1000).toISOString();
    const line = options.json
      ? JSON.stringify({ id, name, role, namespaces, expires })
      : `${id}  ${role}  ${name}  ${role === 'admin' ? '*' : namespaces.join(',')}  until ${expires}`;
    process.stdout.write(`${line}\n`);
  }
}

/** Runs `lockstep tokens revoke`. @throws LockstepError USAGE where there is no such token */
export async function tokensRevoke(ids: readonly string[], options: FileOptions): Promise<void> {
  await change(options.file, (tokens) => {
    const missing = ids.find((id) => !tokens.some((token) => token.id === id));
    if (missing === undefined) return tokens.filter(({ id }) => !ids.includes(id));
    const fix = 'See `lockstep tokens list` for those that there are.';
    throw new LockstepError('USAGE', { message: `There is no token ${missing}.`, field: 'ID', value: missing, fix });
  });
}

async function change(file: string, apply: (tokens: readonly KeptToken[]) => readonly KeptToken[]): Promise<void> {
  const path = resolve(file);
  const isThere = await readFile(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => cause.code !== 'ENOENT',
  );
  await writeSecret(path, writeTokens(apply(isThere ? await readTokens(path) : [])), 0o600);
}

function checkLabel(text: string): void {
  if (LABEL.test(text)) return;
  const fix = 'Use at most 63 lower-case letters, digits and hyphens.';
  throw new LockstepError('USAGE', { message: `${text} is no DNS label.`, field: 'NAME', value: text, fix });
}
