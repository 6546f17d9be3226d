/** The key of the account that a nats-server of this command's own serves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { makeFolder } from '@lockstep/protocol/disk';
import { Nkey } from '@lockstep/protocol/nats-account';
import { writeSecret } from '../certs/folder.js';

/** File of the key, beside the streams that the account has made. */
const FILE = 'account.nk';

/**
 * The key in a folder of streams, which is drawn and kept there at the first start.
 * @throws LockstepError NATS_LOGIN_INVALID, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function accountKeyIn(streams: string): Promise<Nkey> {
  const path = join(streams, FILE);
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null;
    throw unusable(path, thrown);
  });
  if (text === null) {
    const key = Nkey.draw('account');
    await makeFolder(streams);
    await writeSecret(path, `${key.seed}\n`, 0o600);
    return key;
  }
  try {
    return Nkey.read('account', text);
  } catch (thrown) {
    throw unusable(path, thrown as Error);
  }
}

function unusable(path: string, { message }: Error): LockstepError {
  return new LockstepError('NATS_LOGIN_INVALID', {
    message: `The key of the account of NATS in ${path} cannot be used: ${message}.`,
    ...{ field: 'store', value: path },
    fix: 'Put the file back, or remove it: the index of jobs in NATS is then written anew from the store.',
  });
}
