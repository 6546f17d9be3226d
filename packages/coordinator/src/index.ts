/** The coordinator of Lockstep. */
export type { CoordinatorConfig, JwtConfig, SecurityConfig } from './config.js';
export {
  type ConfusionMatrix,
  type EvaluationMetrics,
  evaluationMetrics,
  type ScoredRows,
} from './core/evaluation-metrics.js';
export type { CalibrationBin, ClassCurves, Curve, ScoreCurves } from './core/score-curves.js';
export type { RetentionConfig } from './job-retention.js';
export { type RunningCoordinator, runCoordinator } from './main.js';
export { CoordinatorMetrics } from './metrics.js';
export { probeRecords } from './records/probe.js';
export type { SharingConfig } from './sharing.js';
