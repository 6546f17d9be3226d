/** What a preparation is asked for. */
import type { ResolvedJobSpec } from '@lockstep/spec';
import type { DataFile } from './table-file.js';

/** What is prepared, and where to. */
export interface PrepareRequest {
  /** The files of the table, in the order of their rows. */
  readonly files: readonly DataFile[];
  /** Name of the whole in messages. */
  readonly fileName: string;
  readonly spec: Pick<ResolvedJobSpec, 'data' | 'split' | 'preprocess' | 'task'> & {
    readonly train: Pick<ResolvedJobSpec['train'], 'classWeights'>;
  };
  /** Folder that appears, whole, when preparation has succeeded. */
  readonly outDirectory: string;
}
