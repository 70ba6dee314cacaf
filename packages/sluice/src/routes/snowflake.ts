/** 2015-01-01T00:00:00Z in ms since the Unix epoch: the epoch of snowflakes. */
const DISCORD_EPOCH = 1_420_070_400_000;

/** The low 22 bits of a snowflake distinguish objects that were created in the same millisecond. */
const SNOWFLAKES_PER_MILLISECOND = 2 ** 22;

/** The age in ms above which deleting a message has another bucket: 14 days (`discord-api-docs#1295`). */
export const OLD_MESSAGE_AGE = 14 * 24 * 60 * 60 * 1_000;

/** The age in ms below which deleting a message has another bucket: 10 s (`discord-api-docs#2761`). */
export const NEW_MESSAGE_AGE = 10_000;

/** The ages of a message that have different buckets for deleting it. */
export type MessageAge = 'old' | 'new' | 'usual';

/**
 * The age of a message, from the creation time in its id.
 *
 * The caller's clock is read now, and the server's a little later, so the two may disagree near a boundary. The bucket
 * hash of the response then shows which bucket the request had.
 *
 * @param now Wall-clock time in ms since the Unix epoch. Default: now. This is the only place in `routes/` that reads a
 * clock.
 */
export function messageAge(id: string, now: number = Date.now()): MessageAge {
  // A double is exact enough: its error for a 64-bit id is far less than a millisecond.
  const age = now - (DISCORD_EPOCH + Math.floor(Number(id) / SNOWFLAKES_PER_MILLISECOND));
  if (age > OLD_MESSAGE_AGE) return 'old';
  return age < NEW_MESSAGE_AGE ? 'new' : 'usual';
}
