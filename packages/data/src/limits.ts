/** Bounds of data preparation. */

/** Rows of a table at most: row positions are kept in 32 bits. */
export const MAX_ROWS = 2 ** 31;
/** Columns of a table at most. */
export const MAX_COLUMNS = 10_000;
/** Largest file that is read whole where its spec is only checked: about a second. */
export const MAX_CHECKED_BYTES = 4 * 2 ** 20;
/** Rows that are read of a larger one. */
export const CHECKED_ROWS = 10_000;
/** Memory that DuckDB may use: enough for a table of the most columns. */
export const DUCKDB_MEMORY = '2GB';
/** Typed columns that preparation keeps on disk between its passes; a table of more is read again as text. */
export const MAX_CACHE_BYTES = 16 * 2 ** 30;
/** Rows handed to the model at once by predict and evaluate. */
export const BATCH_ROWS = 1024;
/** Distinct label values that are counted before a classification gives up. */
export const MAX_CLASSES = 10_000;
/** Files of a table at most. */
export const MAX_FILES = 10_000;
/** Start of a file in which its header must end. */
export const HEAD_BYTES = 1 << 20;
/** Longest record of a CSV file or line of JSON. */
export const MAX_LINE_BYTES = 2_000_000;
/** Objects and arrays in each other in a line of JSON. */
export const MAX_JSON_DEPTH = 100;
/** Distinct values that are counted of a text column that has too many: enough for a message. */
export const MAX_COUNTED_CATEGORIES = 100_000;
/** Features of a row at most: a shard of 8,192 rows must fit one buffer. */
export const MAX_FEATURES = 50_000;
/** Training numbers that are held in memory to find outliers: 1 GiB. */
export const MAX_OUTLIER_NUMBERS = 2 ** 27;
/** Training rows that others are compared with to fill missing numbers: the distances to all of them are computed. */
export const MAX_REFERENCE_ROWS = 1000;
/** Numeric columns of a table whose missing numbers are filled from neighbors. */
export const MAX_NEIGHBOR_COLUMNS = 200;
/** Columns that are scaled by rank: each is about 20 nodes of model.onnx. */
export const MAX_RANKED_COLUMNS = 1000;
