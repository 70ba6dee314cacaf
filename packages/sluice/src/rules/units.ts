/**
 * Durations and instants are milliseconds everywhere except on the wire. The aliases say which of the three a number
 * is. They are plain numbers, so that arithmetic needs no casts.
 */

/** A length of time in milliseconds. */
export type Duration = number;

/** An instant on the local monotonic clock (`performance.now()`), in milliseconds. Never wall time. */
export type LocalInstant = number;

/** An instant on the server's clock, as in `X-RateLimit-Reset`: milliseconds since the Unix epoch. */
export type ServerInstant = number;
