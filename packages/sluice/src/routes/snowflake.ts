/** 2015-01-01T00:00:00Z in ms since the Unix epoch: the instant at which snowflakes begin. */
const DISCORD_EPOCH = 1_420_070_400_000;

/** The low 22 bits of a snowflake number what was created within one millisecond. */
const SNOWFLAKES_PER_MILLISECOND = 2 ** 22;

/** Deleting a message older than this has a bucket of its own: 14 days in ms (facts part 2, #1295). */
export const OLD_MESSAGE_AGE = 14 * 24 * 60 * 60 * 1_000;

/** Deleting a message younger than this has a bucket of its own: 10 s in ms (facts part 2, #2761). */
export const NEW_MESSAGE_AGE = 10_000;

/** The three ages of a message between which deleting it makes a difference. */
export type MessageAge = 'old' | 'new' | 'usual';

/**
 * How old a message is, from the creation time in its id.
 *
 * The age is judged by the caller's clock at this moment. The server judges it a little later by its own, so near a
 * boundary the two may differ; the answer's bucket hash then says what was true.
 *
 * @param now Wall-clock time in ms since the Unix epoch. Default: the present; this is the only place in `routes/`
 * that reads a clock.
 */
export function messageAge(id: string, now: number = Date.now()): MessageAge {
  // A double is exact enough: what it loses of a 64-bit id is far below one millisecond's share.
  const age = now - (DISCORD_EPOCH + Math.floor(Number(id) / SNOWFLAKES_PER_MILLISECOND));
  if (age > OLD_MESSAGE_AGE) return 'old';
  return age < NEW_MESSAGE_AGE ? 'new' : 'usual';
}
