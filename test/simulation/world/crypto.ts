/** node:crypto with the seed's randomness. */
import { createHash } from 'node:crypto';
import { theWorld } from './kernel.ts';

export { createHash };

export function randomInt(below: number): number {
  return Math.floor(theWorld().draws('crypto').unit() * below);
}
