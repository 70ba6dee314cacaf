/**
 * Durations and instants are milliseconds everywhere behind the header parser. The aliases say which of the
 * three a number is; they are plain numbers so that arithmetic needs no casts.
 */

/** A length of time in milliseconds. */
export type Duration = number;

/** An instant on the local monotonic clock (`performance.now()`), in milliseconds. Never wall time. */
export type LocalInstant = number;

/** An instant on the server's own clock: milliseconds since the Unix epoch, as `X-RateLimit-Reset` tells it. */
export type ServerInstant = number;
