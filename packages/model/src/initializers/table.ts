/** Every initialiser by its name in the spec. */
import type { InitializerName } from '@lockstep/spec';
import { glorotNormal } from './glorot-normal.js';
import { glorotUniform } from './glorot-uniform.js';
import { heNormal } from './he-normal.js';
import { heUniform } from './he-uniform.js';
import type { Initializer } from './initializer.js';
import { ones } from './ones.js';
import { zeros } from './zeros.js';

/** Initialisers by name. */
export const INITIALIZERS: Readonly<Record<InitializerName, Initializer>> = {
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  zeros,
  ones,
};
