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
  ['an option of NATS', { options: [{ user: 'u', pass: 'hunter2' }] }, 'hunter2'],
  ['passwd', { passwd: 'hunter2' }, 'hunter2'],
  ['pwd', { userPwd: 'hunter2' }, 'hunter2'],
  ['a password that is a number', { password: 271828 }, '271828'],
  ['a key of AWS', { credential: 1, secretAccessKey: 'wJalr/x' }, 'wJalr'],
  ['a key of AWS in a text', { msg: 'with AWS_SECRET_ACCESS_KEY=wJalr/x set' }, 'wJalr'],
  ['a login with @ in it', { nats: 'at nats://user:pa@ss9word@h:1' }, 'ss9word'],
  ['a login with / in it', { nats: 'nats://user:pa/ss@h:1' }, 'pa/ss'],
  ['a login of the web with / in it', { url: 'https://user:pa/ss@h/x' }, 'pa/ss'],
  ['JSON in a text', { msg: 'got {"password":"hunter\\"2","a":1}' }, 'hunter'],
  ['JSON in JSON in a text', { msg: JSON.stringify({ a: JSON.stringify({ password: 'hun"t\\er2' }) }) }, 'er2'],
  ['a list in JSON in a text', { msg: 'got {"authorization":["Token x]yz"]}' }, 'yz'],
  ['a list in JSON in JSON', { msg: JSON.stringify({ a: '{"cookie":["a=]hunter2","b"],"c":1}' }) }, 'hunter2'],
  ['headers that are lists', { headers: { authorization: ['Token xyz'] } }, 'xyz'],
  ['cookies that are a list', { headers: { 'set-cookie': ['sid=xyz'] } }, 'xyz'],
  ['raw headers', { rawHeaders: ['Host', 'h', 'Authorization', 'Token xyz'] }, 'xyz'],
  ['options of a command', { argv: ['worker', '--join-token', 'xyz'] }, 'xyz'],
  ['what is under a secret name', { credentials: { user: { name: 'xyz' } } }, 'xyz'],
  ['a basic login without padding', { msg: 'sent Basic dXNlcjpodW50ZXIy to it' }, 'dXNl'],
  ['password=', { msg: 'with password=hunter&2 it' }, 'hunter&2'],
  ['token:', { msg: 'the token: hunter2' }, 'hunter2'],
  ['--token', { msg: 'ran worker --token hunter2 --replicas 2' }, 'hunter2'],
  ["password: '…'", { msg: "{ password: 'hunter 2' }" }, '2'],
  ['x-api-key:', { msg: 'sent x-api-key: hunter2' }, 'hunter2'],
  ['the fragment of a URL', { url: 'https://h/#access_token=hunter2&a=1' }, 'hunter2'],
  ['our cookie', { msg: 'has a=1; lockstep_session=hunter2; b=2' }, 'hunter2'],
  ['our cookie of a host', { msg: '__Host-lockstep_session=hunter2' }, 'hunter2'],
  ['our cookie of a port', { msg: 'lockstep_session_9464=hunter2' }, 'hunter2'],
  ['a long JSON Web Token', { msg: `eyJhbGciOiJF.${'x'.repeat(9000)}.c2ln` }, 'c2ln'],
  ['a private key that was cut off', { msg: `-----BEGIN RSA PRIVATE KEY-----\n${'Abc\n'.repeat(9000)}` }, 'Abc'],
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
  { parametersSha256: 'ab'.repeat(32), tokens: 12, job: 'mlp-20261128-a1b2', passes: 'all', pass: 2, compass: 'north' },
  { msg: 'tokens=17, tokens: 17; lockstep_tokens_total 3; bypass: yes; monkey=1; step=4' },
  { msg: 'Give --token or --token-file FILE, --nats-creds /etc/a.creds. Wrong --token. See docs. Token asked for' },
  { msg: 'see https://host:1/a/@scope/b?to=a@b and Basic authentication', bad: 'Bearer of news' },
  { columns: ['age', 'token', 'text'], level: 30, nested: { list: [1, null, true, { a: 'b' }] } },
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

  it('keeps shapes and counts under secret names', () => {
    const line = `${JSON.stringify({ tokens: { used: 3, of: ['a'] }, why: null })}\n`;
    expect(redact(line)).toBe(`{"tokens":{"used":3,"of":["${REDACTED}"]},"why":null}\n`);
  });

  it('may be no JSON', () => {
    expect(redact('password=hunter2 in a text')).toBe(`password=${REDACTED} in a text`);
    expect(redact('{"pass":"hunter2","cut')).toBe(`{"pass":"${REDACTED}","cut`);
  });

  // A text that is read again from each of its characters would never be done with.
  it.each([
    ...[
      '"token":',
      '"a-',
      'eyJabcdefgh-',
      'eyJabcdefgh.',
      'a://',
      'a',
      '\\',
      ' ',
      '"token":"\\',
      'token:[',
      'token:{"',
    ],
    ...['Bearer ', 'Basic ', '-----BEGIN PRIVATE KEY-----', '-----BEGIN ', 'cookie: ', '--token ', '&a', '?sig', "'"],
  ])('may hold %j a megabyte long', (part) => {
    const text = `${part.repeat(Math.ceil(1_000_000 / part.length))} lkt_12345678`;
    expect(redact(text)).not.toContain('lkt_');
    expect(redact(JSON.stringify({ msg: text }))).not.toContain('lkt_');
  });
});
