/** The job spec: parsing with positions, resolution, documentation. */
export { CSV_DELIMITER, CSV_QUOTE } from './data-schema.js';
export { type Explanation, explainKey, jobSpecJsonSchema } from './explain.js';
export type { GradientsSpec } from './gradients-schema.js';
export { nearest } from './nearest.js';
export { ofColumn } from './of-column.js';
export { type ParseOptions, type ParseResult, parseJobSpec } from './parse.js';
export { resolvedSpecYaml } from './resolved-yaml.js';
export type {
  ActivationName,
  ColumnSpec,
  DataSpec,
  EarlyStoppingSpec,
  InitializerName,
  LayerSpec,
  LossName,
  OptimizerSpec,
  ParsedJobSpec,
  PreprocessSpec,
  RegularizerSpec,
  ResolvedJobSpec,
  RunSpec,
  ScheduleSpec,
  SplitSpec,
  Task,
  TrainSpec,
  WrittenJobSpec,
} from './schema.js';
export { specLine } from './spec-line.js';
export { jobTemplate, type TemplateOptions } from './template.js';
