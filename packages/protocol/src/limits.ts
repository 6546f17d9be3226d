/** Every bound of the transports, with its reason. */

/** How much a heap grows between two searches of all of it: to 4 times what was used, the most that V8 ever lets it. */
export const HEAP_GROWTH_PERCENT = 300;
/** Elements of the parameters from which on it does: 1 MB. */
export const HEAP_GROWTH_FROM_ELEMENTS = 2 ** 18;

/** Receive window of a gRPC server's connections and streams: large enough that a 100 MB gradient never waits for it. */
export const WINDOW_BYTES = 64 * 1024 * 1024;

/** Largest message a server takes: frames are 256 KiB, an evaluation chunk's outputs may be a few MiB. */
export const SERVER_RECEIVE_BYTES = 4 * 1024 * 1024;

/** Largest message a client takes: a job's plan with its graphs, or a long job's history. */
export const CLIENT_RECEIVE_BYTES = 64 * 1024 * 1024;

/** Streams of one connection: a worker or client holds a handful, so more is a fault or an attack. */
export const MAX_CONCURRENT_STREAMS = 256;

/**
 * Connections over which nobody has said who it is: an address has hundreds of workers at most, which say so at once. The
 * request of a health check is a name.
 */
export const STRANGERS = { perAddress: 256, all: 4096, waitMs: 20_000, bodyBytes: 4096 };

/** Streams of such a connection. */
export const STRANGER_STREAMS = 16;

/** Pause between keepalive pings, the second line behind heartbeats. */
export const KEEPALIVE_INTERVAL_MS = 10_000;

/** How long a keepalive ping may stay unanswered. */
export const KEEPALIVE_TIMEOUT_MS = 5_000;

/** Problems of one error that travel on the wire. */
export const MAX_VIOLATIONS = 20;

/** Bytes of an error's details: HTTP/2 headers must stay small, and peers drop larger ones. */
export const MAX_STATUS_BYTES = 6 * 1024;

/** Characters of one text inside an error's details. */
export const MAX_STATUS_TEXT = 1_000;

/** Bytes of log lines that wait while standard error cannot be written; later ones are dropped. */
export const MAX_UNWRITTEN_LOG = 1024 * 1024;

/** Wait for the first NATS connection. */
export const NATS_CONNECT_TIMEOUT_MS = 5_000;

/** Pause between NATS pings: the library's two minutes would hide a half-open link for six. */
export const NATS_PING_INTERVAL_MS = 2_000;

/** Unanswered NATS pings before the connection counts as lost. */
export const NATS_MAX_PINGS_OUT = 2;

/** Wait between two NATS reconnect attempts; jitter comes on top. */
export const NATS_RECONNECT_WAIT_MS = 250;

/** Spread of reconnect attempts, so that workers don't come back all at once. */
export const NATS_RECONNECT_JITTER_MS = 250;

/** Largest payload of one chunk when the server allows more: larger ones cost receivers copies (docs/performance.md). */
export const MAX_CHUNK_BYTES = 256 * 1024;

/** Room that a chunk leaves for its headers below the server's max_payload. */
export const CHUNK_HEADER_BYTES = 1024;

/** Smallest max_payload of a server: below it a chunk is more headers than parameters. */
export const MIN_NATS_PAYLOAD_BYTES = 4 * CHUNK_HEADER_BYTES;

/** Bytes of a message's line and headers that are read before its payload has a place, some of the payload with them. */
export const NATS_HEAD_BYTES = 1024;

/** Longest line and headers of a message: a server that knows a large cluster says so in one line. */
export const MAX_NATS_HEAD_BYTES = 64 * 1024;

/** Largest message where the server does not say: its own default. */
export const MAX_NATS_PAYLOAD_BYTES = 1024 * 1024;

/** Bytes published before the server must have taken them: a quarter of its max_pending of 64 MiB. */
export const PUBLISH_CREDIT_BYTES = 16 * 1024 * 1024;

/** Shortest wait before parameters are fetched instead of awaited. */
export const MIN_PATIENCE_MS = 50;

/** A broadcast may take this many times its measured duration before parameters are fetched. */
export const PATIENCE_FACTOR = 3;

/** Slowest broadcast that is waited for before one was measured. */
export const EXPECTED_BYTES_PER_MS = 100_000;

/** Tries to fetch a version before the lane is given up. */
export const MAX_REFETCHES = 5;

/** Piece of the wait for a connection, after which a signal to stop is seen. */
export const READY_SLICE_MS = 250;

/** Milliseconds between two looks at certificates, keys and tokens in files: soon enough for a rotation, and cheap. */
export const TLS_POLL_MS = 5_000;
