/** What a preparation is asked for. */
import type { ResolvedJobSpec } from '@lockstep/spec';

/** What is prepared, and where to. */
export interface PrepareRequest {
  /** Path of the source file. */
  readonly source: string;
  /** Its name in messages. */
  readonly fileName: string;
  readonly spec: Pick<ResolvedJobSpec, 'data' | 'split' | 'preprocess' | 'task'>;
  /** Folder that appears, whole, when preparation has succeeded. */
  readonly outDirectory: string;
}
