// Original file: protos/lockstep/v1/jobs.proto

export const Artifact = {
  ARTIFACT_UNSPECIFIED: 'ARTIFACT_UNSPECIFIED',
  ARTIFACT_MODEL: 'ARTIFACT_MODEL',
  /**
   * When each phase of each step ran, as Chrome's trace events: of a job that has ended and had `run.trace`.
   */
  ARTIFACT_TRACE: 'ARTIFACT_TRACE',
  /**
   * The rows that were left out, as CSV: of a job that has succeeded and had `data.onBadRow: skip`.
   */
  ARTIFACT_REJECTS: 'ARTIFACT_REJECTS',
  /**
   * Scalars, histograms and the graph as one TensorBoard event file: of a job that has ended.
   */
  ARTIFACT_EVENTS: 'ARTIFACT_EVENTS',
} as const;

export type Artifact =
  | 'ARTIFACT_UNSPECIFIED'
  | 0
  | 'ARTIFACT_MODEL'
  | 1
  /**
   * When each phase of each step ran, as Chrome's trace events: of a job that has ended and had `run.trace`.
   */
  | 'ARTIFACT_TRACE'
  | 2
  /**
   * The rows that were left out, as CSV: of a job that has succeeded and had `data.onBadRow: skip`.
   */
  | 'ARTIFACT_REJECTS'
  | 3
  /**
   * Scalars, histograms and the graph as one TensorBoard event file: of a job that has ended.
   */
  | 'ARTIFACT_EVENTS'
  | 4

export type Artifact__Output = typeof Artifact[keyof typeof Artifact]
