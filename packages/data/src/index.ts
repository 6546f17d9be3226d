/** From a raw table to shards and to ONNX. */
export { checkData, type DataCheck } from './check-data.js';
export { type ColumnType, inputType, typeName } from './core/cell-format.js';
export { ColumnTypeError } from './core/column-type.js';
export { classReader } from './core/labels.js';
export { type NumberFormat, PLAIN_NUMBERS } from './core/number.js';
export {
  type ColumnPlan,
  featureNames,
  type NumberColumnPlan,
  type PreprocessingPlan,
  type TextColumnPlan,
} from './core/plan.js';
export { addPreprocessing } from './core/preprocessing-graph.js';
export type { Association, Bar, ColumnProfile, Finding, TableProfile } from './core/profile/profile.js';
export { type DataPath, findDataFiles, isPattern } from './data-files.js';
export { diskError } from './durable-file.js';
export { type InspectedColumn, type InspectedTable, type InspectOptions, inspectTable } from './inspect-table.js';
export { findPrepared } from './manifest.js';
export { openSource, type SourceOptions } from './open-source.js';
export { type Preparation, prepareData, startPreparation } from './prepare.js';
export type { PrepareRequest } from './prepare-request.js';
export type { PreparedData, ShardFile } from './prepared-data.js';
export { type ProfileRequest, profileTable } from './profile-table.js';
export { type ModelTable, openTable, type TableBatch, type TableRequest } from './read-table.js';
export { type RejectSink, Rejects } from './rejects.js';
export { REJECTS_FILE, runPreparation } from './run-preparation.js';
export type { DataFile, ReadingOptions } from './table-file.js';
export { type ParquetColumn, writeParquet } from './write-parquet.js';
