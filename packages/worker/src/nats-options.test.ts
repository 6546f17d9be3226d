import { expect, it } from 'vitest';
import { natsOptions } from './nats-options.js';

const [ca, cert, key] = ['ca', 'cert', 'key'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
const given = { servers: ['a:1'], login: { jwt: 'j', seed: 's' }, tlsCa: ca };

it('adds the certificate of a worker to the CA that the coordinator gives', () => {
  expect(natsOptions(given, { tls: { cert, key } })).toEqual({
    ...{ servers: ['a:1'], account: given.login },
    tls: { ca, cert, key },
  });
});

it('prefers what a worker says by itself', () => {
  const own = { tls: { ca: key }, account: { jwt: 'k', seed: 't' } };
  expect(natsOptions(given, own)).toEqual({ servers: ['a:1'], ...own });
});

it('speaks TLS only where somebody says so', () => {
  expect(natsOptions({ ...given, login: null, tlsCa: Buffer.alloc(0) })).toEqual({ servers: ['a:1'] });
});
