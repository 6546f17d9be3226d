// Original file: protos/lockstep/v1/training.proto

export const EvaluationSource = {
  EVALUATION_SOURCE_UNSPECIFIED: 'EVALUATION_SOURCE_UNSPECIFIED',
  /**
   * Validation rows on the evaluation graph at `version`.
   */
  EVALUATION_SOURCE_VALIDATION: 'EVALUATION_SOURCE_VALIDATION',
  /**
   * Test rows through the exported model; also compares it with the evaluation graph.
   */
  EVALUATION_SOURCE_TEST: 'EVALUATION_SOURCE_TEST',
} as const;

export type EvaluationSource =
  | 'EVALUATION_SOURCE_UNSPECIFIED'
  | 0
  /**
   * Validation rows on the evaluation graph at `version`.
   */
  | 'EVALUATION_SOURCE_VALIDATION'
  | 1
  /**
   * Test rows through the exported model; also compares it with the evaluation graph.
   */
  | 'EVALUATION_SOURCE_TEST'
  | 2

export type EvaluationSource__Output = typeof EvaluationSource[keyof typeof EvaluationSource]
