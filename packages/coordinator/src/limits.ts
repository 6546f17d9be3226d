/** Bounds of the coordinator. */
import type { RateBounds } from './core/call-rate.js';
import type { LineBounds } from './core/line-limit.js';
import type { Patience } from './core/patience.js';

/** Milliseconds between heartbeats of a worker. */
export const HEARTBEAT_MS = 1000;
/** Heartbeats missed before a worker is lost: three, and a margin for a busy machine. */
export const HEARTBEAT_LOST_MS = 3500;
/** Milliseconds without a word, two heartbeats, after which a worker may be gone without being lost yet. */
export const QUIET_MS = 2000;
/** Milliseconds after a claim of its name from which a word of a worker shows that it lives. */
export const CLAIM_GRACE_MS = 500;
/** Milliseconds between looks at the holder of a name. */
export const CLAIM_POLL_MS = 20;
/** Workers a coordinator remembers, connected or not; the one away longest is forgotten first. */
export const MAX_WORKERS = 4096;
/** Workers of one token or certificate, connected or not: a quarter, so that no owner fills the places of others. */
export const MAX_WORKERS_OF_OWNER = MAX_WORKERS / 4;
/** Milliseconds that a worker's name stays its owner's while it is away: longer than any worker tries to join again. */
export const NAME_KEPT_MS = 900_000;
/** Milliseconds a worker may wait for the parameters of a command before its lanes fail. */
export const COMMAND_TIMEOUT_MS = 600_000;
/** Bytes of residuals that must arrive in {@link COMMAND_TIMEOUT_MS}, or the rest of them: all workers together 110 KB/s. */
export const LEAST_RESIDUAL_BYTES = 64 * 1024 * 1024;
/** Milliseconds between looks for stragglers in a step. */
export const TICK_MS = 25;
/** A lane is no straggler before this: small steps vary more than they take. */
export const MIN_STRAGGLER_MS = 100;
/** Evaluation chunks are late after this where none was answered yet: far above what a model takes to load. */
export const FIRST_CHUNK_STRAGGLER_MS = 5000;
/** A worker that owes a lane for this long hangs where steps are fast: far above any pause of a machine. */
export const MIN_LANE_PATIENCE_MS = 60_000;
/** A worker that owes a lane for this long hangs in any case: far below a night. */
export const LANE_PATIENCE_MS = 600_000;
/** A step stands still no earlier than this: above two missed heartbeats, below the {@link HEARTBEAT_LOST_MS} of a loss. */
export const MIN_STALL_MS = 3000;
/** Until the usual time is known, and for a worker's first lanes: graphs are optimised on their first run. */
export const FIRST_STALL_MS = 10_000;
/** Milliseconds between looks for steps that stand still. */
export const STALL_LOOK_MS = 250;
/** Looks that must have been missed for a pause of the coordinator itself, and how many pauses are remembered. */
export const PAUSE_LOOKS = 4;
export const MAX_PAUSES = 16;
/** Workers that one step is told to stand still for, at most. */
export const MAX_STALLS_TOLD = 16;
/** How long lanes and evaluation chunks may take. */
export const PATIENCE: Patience = {
  stragglerFactor: 2,
  leastStragglerMs: MIN_STRAGGLER_MS,
  firstStragglerMs: FIRST_CHUNK_STRAGGLER_MS,
  stallFactor: 4,
  leastStallMs: MIN_STALL_MS,
  firstStallMs: FIRST_STALL_MS,
  hangFactor: 10,
  leastHangMs: MIN_LANE_PATIENCE_MS,
  mostHangMs: LANE_PATIENCE_MS,
};
/**
 * Milliseconds after which a worker that vanished over a lane counts as dead, where nothing shows that it lives: most cuts
 * of a network are over by then, and a worker joins again within half a second of that.
 */
export const ABSENT_MS = 30_000;
/** Milliseconds that a job waits for all of its workers before it starts with those that are there. */
export const GANG_TIMEOUT_MS = 30_000;
/** Milliseconds without a worker of a job's numeric class, after which a job that may takes another one. */
export const REBASE_AFTER_MS = 5_000;
/** Milliseconds that a job whose workers are all gone waits for one: enough for a supervisor to start them again. */
export const DESERTED_TIMEOUT_MS = 120_000;
/** Workers that may refuse a job's plan before the job fails. */
export const MAX_REFUSALS = 3;
/** Bytes of parameters above which `run.link: auto` shares memory: smaller ones gain nothing that a user would notice. */
export const HOST_LINK_ABOVE_BYTES = 256 * 1024;
/** Elements of the parameters from which on an update has threads of its own: below, waking them costs what they save. */
export const THREADS_FROM_ELEMENTS = 2 ** 22;
/** Threads of an update at most: memory is the bound, and a few cores take all of what it gives. */
export const MAX_UPDATE_THREADS = 4;
/** Rows of one evaluation chunk: fixed, so that sums never follow the number of workers. */
export const EVALUATION_CHUNK_ROWS = 256;
/** Bytes of one message that carries data, below the usual receive limit of 4 MiB. */
export const DATA_MESSAGE_BYTES = 512 * 1024;
/** Workers that may fetch missed parameters at once. */
export const MAX_PARAMETER_FETCHES = 2;
/** Fetches of one worker at once: its replicas may each fetch a residual. */
export const MAX_FETCHES_OF_WORKER = 8;
/** Milliseconds that a peer may take nothing of an answer before others that wait come first. */
export const YIELD_MS = 200;
/** Milliseconds after which a peer that takes nothing is given up: longer than any pause of a machine or network. */
export const STALLED_PEER_MS = 60_000;
/** Progress events of a job per second at most. */
export const PROGRESS_EVENTS_PER_SECOND = 5;
/** Steps of a job that TensorBoard gets scalars of, spread evenly: four times what it keeps by default. */
export const MAX_STEP_POINTS = 4000;
/** Epochs of a job that TensorBoard gets histograms of: what it keeps by default. */
export const MAX_HISTOGRAM_POINTS = 500;
/** Milliseconds between two writes of scalars for TensorBoard. */
export const TENSORBOARD_FLUSH_MS = 1000;
/** Milliseconds that training waits for TensorBoard's file, which a disk that hangs would hold up for ever. */
export const TENSORBOARD_WAIT_MS = 5000;
/** Events kept of a job; older progress goes first. */
export const MAX_EVENTS = 20_000;
/** Wrong tokens of one address in a minute, after which it waits: a hundred of 2^256 guesses, and a log that stays short. */
export const MAX_FAILED_TOKENS = 100;
export const FAILED_TOKENS_WINDOW_MS = 60_000;
/** Addresses that wrong tokens are counted of. */
export const MAX_FAILING_PEERS = 10_000;
/** Lines of the audit log about calls that were refused: 100 and a summary of 50 in a minute are 65 MB a day at most. */
export const REFUSED_LINES: LineBounds = { maxPerCaller: 10, max: 100, windowMs: 60_000, maxCallers: 50 };
/** Lines of the audit log that wait for space on the disk. */
export const MAX_WAITING_LINES = 1000;
/** Calls of one caller that is no worker: a folder of small files is uploaded at about that pace. */
export const CALL_RATE: RateBounds = { perSecond: 200, burst: 2000, maxCallers: 10_000 };
/** Milliseconds that the head of an HTTP request may take. */
export const SLOW_HEAD_MS = 10_000;
/** Bytes of the body of an HTTP request: a token, or a reason. */
export const MAX_BODY_BYTES = 16 * 1024;
/** Browsers that are logged in, of all callers and of one; the oldest session ends for a newer one. */
export const MAX_SESSIONS = 1000;
export const MAX_SESSIONS_OF_CALLER = 20;
/** Milliseconds that a browser stays logged in: a working day. */
export const SESSION_MS = 12 * 3_600_000;
/** Streams of events to browsers, in all and of one caller, or of one address where nobody is asked: a tab has two. */
export const MAX_EVENT_STREAMS = 128;
export const MAX_EVENT_STREAMS_OF_CALLER = 64;
/** Milliseconds between two times that whoever follows a job is told what has happened, but of another state: no step waits. */
export const WAKE_MS = 50;
/** Milliseconds for which streams share a list of jobs and of workers, well below {@link EVENT_TICK_MS}. */
export const SHARED_LIST_MS = 250;
/** Milliseconds between two looks at what a stream tells of what has no events of its own. */
export const EVENT_TICK_MS = 1000;
/** Milliseconds between two signs of life on a stream, below the shortest silence that a proxy or the page takes for an end. */
export const EVENT_ALIVE_MS = 15_000;
/** Milliseconds after which a browser comes back to a stream that has ended. */
export const EVENT_RETRY_MS = 1000;
/** Milliseconds between two looks whether a stream's caller is let in still, as often as tokens are read. */
export const WHO_AGAIN_MS = 5000;
/** Milliseconds between two lists of workers in which nothing has changed but their age. */
export const WORKERS_AGAIN_MS = 5000;
/** Jobs a coordinator holds, ended ones included. */
export const MAX_JOBS = 10_000;
/** Ended jobs that a submission tries to delete where it finds no place: one that can't be deleted holds up no other. */
export const MAX_ROOM_TRIES = 10;
/** Ended jobs of a namespace that are kept, and seconds that each is: a quarter of a year. */
export const KEEP_JOBS = 1000;
export const KEEP_SECONDS = 90 * 86_400;
/** Seconds that an ended job stays whatever the number of its namespace: its client takes the model meanwhile. */
export const ENDED_GRACE_S = 600;
/** Seconds that an upload stays which no job names: a client sends its files before it submits. */
export const UPLOAD_GRACE_S = 86_400;
/** Milliseconds between looks for jobs and uploads that are kept no longer. */
export const RETENTION_MS = 600_000;
/** Seconds between two such looks by which a wall clock may gain or lose; above, somebody has set it, right or wrong. */
export const CLOCK_STEP_S = 60;
/** Characters of a request id, a reason or the name of a worker. */
export const MAX_WORDS = 1000;
/** Bytes of a spec. */
export const MAX_SPEC_BYTES = 1 << 20;
/** Bytes of one uploaded file: 1 TiB. */
export const MAX_UPLOAD_BYTES = 2 ** 40;
/** Jobs of one page by default and at most. */
export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 500;
/**
 * Milliseconds that a job may take to keep its last step when the coordinator stops. With {@link STOP_GRACE_MS} it is
 * below the 4 s after which the command that started a coordinator kills it.
 */
export const LAST_STEP_GRACE_MS = 3300;
/**
 * Milliseconds that a job that makes room or is suspended has for the end of its step and for what its workers have not
 * sent; after that it goes on from its newest checkpoint.
 */
export const STEP_END_MS = 60_000;
/** Milliseconds that spans may take to be sent when the coordinator stops. */
export const TRACING_CLOSE_MS = 2000;
/** Milliseconds that calls may take to finish when the coordinator stops. */
export const STOP_GRACE_MS = 300;
/** Failed evaluations of a job in a row before it fails. */
export const MAX_EVALUATION_FAILURES = 3;
/** Namespaces with series of their own. */
export const MAX_NAMESPACE_SERIES = 100;
/** Milliseconds that series of an ended job stay, so that a scrape every 15 s sees their last values. */
export const SERIES_GRACE_MS = 60_000;
/** Milliseconds between two warnings of one kind of a job: a slow worker must not fill its history. */
export const NEWS_PER_CODE_MS = 1000;
/** Milliseconds between two looks at the index of jobs in NATS. */
export const INDEX_POLL_MS = 2000;
/** Tries of a write to the index that another writer may have come before, and the pause where NATS does not answer. */
export const MAX_INDEX_TRIES = 5;
export const INDEX_RETRY_MS = 500;
/** Milliseconds that one call to a bucket may take. */
export const BUCKET_TIMEOUT_MS = 5000;
/** Keys of a bucket that are read side by side. */
export const BUCKET_READS_AT_ONCE = 16;
/** Milliseconds before the first retry of a job; each further pause is twice as long, up to the longest. */
export const FIRST_RETRY_MS = 1000;
export const MAX_RETRY_MS = 60_000;
