/** Writes what lets a nats-server trust one account. */
import { readFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { accountConfig, Nkey } from '@lockstep/protocol/nats-account';
import { writeSecret } from '../certs/folder.js';

/** Options of `lockstep nats-config`. */
export interface NatsConfigOptions {
  readonly accountKey: string;
  readonly out?: string | undefined;
}

/** Runs `lockstep nats-config`. @throws LockstepError NATS_LOGIN_INVALID, OUTPUT_UNWRITABLE, DISK_FULL */
export async function natsConfig({ accountKey, out }: NatsConfigOptions): Promise<void> {
  const text = accountConfig(await readKey(accountKey));
  if (out === undefined) process.stdout.write(text);
  else await writeSecret(out, text, 0o600);
}

async function readKey(path: string): Promise<Nkey> {
  try {
    return Nkey.read('account', await readFile(path, 'utf8'));
  } catch (thrown) {
    throw new LockstepError('NATS_LOGIN_INVALID', {
      message: `${path} cannot be used: ${(thrown as Error).message}.`,
      ...{ field: '--account-key', value: path },
      fix: 'Make one with: openssl genpkey -algorithm ed25519 -out FILE',
    });
  }
}
