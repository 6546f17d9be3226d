/** `npm run bench -- --growth`: how a step grows with parameters and workers where the engine computes nothing. */
import type { BenchOptions } from './options.ts';

/** Runs it. */
export async function runGrowth(_options: BenchOptions): Promise<void> {
  throw new Error('not yet');
}
