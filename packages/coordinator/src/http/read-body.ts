/** Bodies of requests: JSON, and little of it. */
import type { IncomingMessage } from 'node:http';
import { LockstepError } from '@lockstep/protocol/core';
import type { z } from 'zod';
import { MAX_BODY_BYTES } from '../limits.js';

/** A body that is not taken, and the status that says why. */
export class BodyRefused extends Error {
  readonly status: 400 | 413 | 415;
  readonly error: LockstepError;

  constructor(status: BodyRefused['status'], message: string, fix: string) {
    super(message);
    this.status = status;
    this.error = new LockstepError('USAGE', { message, fix });
  }
}

/** Reads a body. A form of another site can send no JSON. @throws BodyRefused */
export async function readBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new BodyRefused(415, 'The body is not called JSON.', 'Send it with Content-Type: application/json.');
  }
  const text = await textOf(request);
  const parsed = schema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BodyRefused(
    400,
    'The body is not what this address takes.',
    `${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    bytes += (piece as Buffer).length;
    if (bytes > MAX_BODY_BYTES)
      throw new BodyRefused(413, `The body has more than ${MAX_BODY_BYTES} bytes.`, 'Send a shorter one.');
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyRefused(400, 'The body is no JSON.', 'Send one JSON object.');
  }
}
