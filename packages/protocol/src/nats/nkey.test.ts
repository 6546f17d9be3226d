import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Nkey } from './nkey.js';

const SEED = Nkey.draw('account').seed;

describe('a key of NATS', () => {
  it('is spelled as its seed says, and reads that again', () => {
    for (const [kind, letter] of [
      ['operator', 'O'],
      ['account', 'A'],
      ['user', 'U'],
    ] as const) {
      const key = Nkey.draw(kind);
      expect(key.id).toMatch(new RegExp(`^${letter}[A-Z2-7]{55}$`));
      expect(key.seed).toMatch(new RegExp(`^S${letter}[A-Z2-7]{56}$`));
      const again = Nkey.read(kind, `${key.seed}\n`);
      expect([again.id, again.sign('x')]).toEqual([key.id, key.sign('x')]);
    }
  });

  it('is read from PEM', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = Nkey.read('account', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(Nkey.read('account', key.seed).id).toBe(key.id);
  });

  it.each([
    ['', 'not in base32'],
    ['no seed', 'not in base32'],
    [otherLetter(SEED, 30), 'checksum'],
    [SEED.slice(0, 20), 'checksum'],
    [Nkey.draw('user').seed, 'no seed of NATS for an account'],
    [Nkey.draw('account').id, 'no seed of NATS for an account'],
  ])('is not text %#', (text, why) => {
    expect(() => Nkey.read('account', text)).toThrow(why);
    if (text) expect(() => Nkey.read('account', text)).not.toThrow(text);
  });
});

function otherLetter(text: string, index: number): string {
  return text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
}
