/** What a preparation is asked for. */
import type { ResolvedJobSpec } from '@lockstep/spec';
import type { SourceOptions } from './open-source.js';
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

/** How the files are to be read. */
export function sourceOptions({ files, spec }: Pick<PrepareRequest, 'files' | 'spec'>): SourceOptions {
  const { nulls, format, delimiter, encoding } = spec.data;
  return { files, nulls, format, delimiter, encoding };
}
