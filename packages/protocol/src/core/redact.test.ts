/** What is taken out of a log, and what stays. */
import { describe, expect, it } from 'vitest';
import { REDACTED, redact } from './redact.js';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl-x_';
const SEED = `SU${'A'.repeat(56)}`;
const TOKEN = `lkt_${'aB3-_'.repeat(8)}`;

const SECRETS: readonly (readonly [string, unknown, string])[] = [
  ['a token of ours in a message', { msg: `the token ${TOKEN} is refused` }, TOKEN],
  [
    'a JSON Web Token in the stack of a cause',
    { err: { stack: `Error: a\ncaused by: Error: bad ${JWT}\n at x` } },
    JWT,
  ],
  ['a seed of NATS', { why: `login with ${SEED}.` }, SEED],
  ['a private key', { msg: '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----' }, 'MIIabc'],
  ['a header of a request', { req: { headers: { authorization: 'Token abc"d' } } }, 'abc'],
  ['a header in a text', { msg: 'sent Authorization: Token abcdef' }, 'abcdef'],
  ['a cookie in a text', { msg: 'answered Set-Cookie: session=1234' }, '1234'],
  ['a bearer in a text', { msg: `sent Bearer ${'x'.repeat(20)} to it` }, 'xxx'],
  ['a basic login in a text', { msg: 'sent Basic dXNlcjpwYXNzd29yZA==' }, 'dXNl'],
  ['cookies', { 'set-cookie': 'session=1234', headers: { Cookie: 'a=secretive' } }, '1234'],
  ['a password with quotes in it', { password: 'a"b\\c', next: 1 }, 'b\\\\c'],
  ['a field whose name ends so', { sessionToken: 'abc123', 'nats-creds': 'zzz' }, 'abc123'],
  ['a login in a URL', { nats: 'nats://user:pass-word@host:4222' }, 'pass-word'],
  [
    'what signs a URL of S3',
    { url: 'https://b.s3.test/k?X-Amz-Expires=60&X-Amz-Credential=AKIA&X-Amz-Signature=abcd1234' },
    'abcd1234',
  ],
  ['what signs a URL of Azure', { url: 'https://a.blob.test/c/b?sv=1&sig=abc%2Fd' }, 'abc%2Fd'],
  ['a token in a URL', { url: 'http://127.0.0.1/metrics?token=abc123&x=1' }, 'abc123'],
];

const KEPT: readonly unknown[] = [
  {
    tokenFile: '/etc/token',
    token: 3,
    seed: 42,
    code: 'TOKENS_INVALID',
    msg: 'The token is not known. Basic authentication',
  },
  { job: 'eye-colour-x1', url: 'https://host/a?key2=1&step=4', sha256: 'ab'.repeat(32), worker: 'SUN' },
  { msg: 'nats://127.0.0.1:4222 cannot be reached', path: '/a/b@c' },
];

describe('a line of the log', () => {
  it.each(SECRETS)('is written without %s, as JSON', (_what, fields, secret) => {
    const line = JSON.stringify(fields);
    expect(line).toContain(secret);
    const clean = redact(line);
    expect(clean).not.toContain(secret);
    expect(clean).toContain(REDACTED);
    expect(Object.keys(JSON.parse(clean) as object)).toEqual(Object.keys(fields as object));
  });

  it.each(KEPT)('is as it was without secrets: %j', (fields) => {
    const line = JSON.stringify(fields);
    expect(redact(line)).toBe(line);
  });

  // A text that is read again from each of its characters would never be done with.
  it.each(['"token":', '"a-', 'eyJabcdefgh-', 'a://', 'Bearer ', '-----BEGIN PRIVATE KEY-----', 'cookie: '])(
    'may hold %j many thousand times over',
    (part) => {
      expect(redact(`${part.repeat(20_000)} lkt_12345678`)).not.toContain('lkt_');
    },
  );
});
