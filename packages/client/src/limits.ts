/** Bounds of the client. */

/** Milliseconds a unary call may take: far above any answer of a healthy coordinator. */
export const DEADLINE_MS = 30_000;
/** Bytes of one upload message: far below the server's receive limit of 4 MiB. */
export const UPLOAD_CHUNK_BYTES = 256 * 1024;
/** Failed reconnects in a row after which a watch gives up: about half a minute with the pause below. */
export const WATCH_RETRIES = 10;
/** Milliseconds before the first reconnect of a watch; grows with each failure. */
export const WATCH_RETRY_MS = 500;
/** Lost connections after which an upload gives up. */
export const UPLOAD_RETRIES = 5;
/** Milliseconds before an upload goes on after a lost connection; grows with each. */
export const UPLOAD_RETRY_MS = 500;
/** Bytes of a file that are hashed at once. */
export const HASH_CHUNK_BYTES = 1 << 20;
