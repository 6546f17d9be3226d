/** What preparation leaves: shards on disk and a manifest that says everything about them. */
import type { Task } from '@lockstep/spec';
import type { PreprocessingPlan } from './core/plan.js';

/** A shard file. */
export interface ShardFile {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Prepared data of a job. */
export interface PreparedData {
  readonly task: Task;
  /** Class names in index order; null for a regression. */
  readonly labels: readonly string[] | null;
  readonly featureNames: readonly string[];
  readonly featureWidth: number;
  /** Classes of a multiclass task, 1 otherwise. */
  readonly outputWidth: number;
  readonly rows: {
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly dropped: number;
  };
  readonly shards: {
    readonly train: readonly ShardFile[];
    readonly validation: readonly ShardFile[];
    /** Test rows as features. */
    readonly testPrepared: readonly ShardFile[];
    /** Test rows as raw columns. */
    readonly testRaw: readonly ShardFile[];
  };
  /** Weight of each class in index order, as `train.classWeights` has it; null without. */
  readonly classWeights: readonly number[] | null;
  readonly preprocessing: PreprocessingPlan;
  /** SHA-256 over the source's bytes, the spec's data parts and the format's version. */
  readonly fingerprint: string;
  /** Bad rows that were left out, which rejects.csv lists; null where one would have been refused. */
  readonly rejects: { readonly count: number; readonly byKind: Readonly<Record<string, number>> } | null;
  readonly warnings: readonly string[];
}
