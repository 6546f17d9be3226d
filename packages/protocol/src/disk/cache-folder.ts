/** The folder of this user's cache: what is fetched or built once and can be had again. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `XDG_CACHE_HOME/lockstep`, or `~/.cache/lockstep`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lockstep');
}
