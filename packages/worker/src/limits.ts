/** Every bound of a worker, with its reason. */

/** Wait for a connection before it is made anew: a server that accepts but never answers must not hold a worker. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Deadline of Join: a small message that a living coordinator answers at once. */
export const CALL_DEADLINE_MS = 5_000;

/**
 * Deadline of Heartbeat. With {@link MAX_HEARTBEAT_FAILURES} a link that fell silent is noticed within 10 s, and a
 * coordinator that writes a large model is not left.
 */
export const HEARTBEAT_DEADLINE_MS = 3_000;

/** A worker that never reached its coordinator gives up after this; starting both at once must work. */
export const FIRST_JOIN_LIMIT_MS = 30_000;

/** A worker that lost its coordinator waits this long for a successor before its supervisor starts it anew. */
export const REJOIN_LIMIT_MS = 600_000;

/** First pause between two attempts; doubles up to {@link MAX_RETRY_MS}. */
export const MIN_RETRY_MS = 100;

/** Longest pause between two attempts: a restarted coordinator has its workers back within this. */
export const MAX_RETRY_MS = 500;

/** Heartbeats in a row that may fail before the connection counts as lost. */
export const MAX_HEARTBEAT_FAILURES = 3;

/** Interval of heartbeats when the coordinator names none. */
export const DEFAULT_HEARTBEAT_MS = 1_000;

/** A drain ends after this even if a lane still runs; supervisors commonly kill after 30 s. */
export const DRAIN_LIMIT_MS = 20_000;

/** Commands that wait for the engine: a coordinator has a few outstanding, more is a fault. */
export const MAX_QUEUED_COMMANDS = 1_024;

/** Memory for prepared shards, at most; the share of the machine is {@link SHARD_CACHE_FRACTION}. */
export const MAX_SHARD_CACHE_BYTES = 4 * 1024 ** 3;

/** Share of the machine's memory that one worker gives to shards. */
export const SHARD_CACHE_FRACTION = 0.125;

/** Tries to read a shard before the job is refused. */
export const MAX_SHARD_READS = 4;

/** Pause before a shard is read again. */
export const SHARD_RETRY_MS = 200;

/** Deadline of one shard, generous for a slow network. */
export const SHARD_DEADLINE_MS = 120_000;

/** Largest file that is read through the shard service: what one ONNX file can hold. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Shards read at once while a job is prepared. */
export const CONCURRENT_SHARD_READS = 4;

/** Wait for parameters when a command names no timeout. */
export const DEFAULT_COMMAND_TIMEOUT_MS = 60_000;
/** Lanes that a worker computes at once: threads of the pool that runs of the C API leave the event loop for. */
export const MAX_REPLICAS = 4;

/** Tries to read a lane's residual before the lane fails. */
export const MAX_RESIDUAL_READS = 6;

/** Pause before a residual is read again; the next one is longer by as much. */
export const RESIDUAL_RETRY_MS = 200;
