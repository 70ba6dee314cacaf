/**
 * An instant in 2023: messages with these ids are far older than the 14 days after which deletion has its own counter.
 */
const FIRST = 1_100_000_000_000_000_000n;
/** Ids of one kind are a second apart; those of two kinds are further apart than any scenario counts. */
const SECOND = 1000n << 22n;
const KIND = SECOND * 100_000n;

const KINDS = ['application', 'guild', 'channel', 'message', 'user', 'role', 'webhook', 'interaction'] as const;

/** The kind of object that an id names. */
export type SnowflakeKind = (typeof KINDS)[number];

/** The id of the n-th object of a kind: realistic, and the same in every run. */
export function snowflake(kind: SnowflakeKind, index = 0): string {
  return String(FIRST + BigInt(KINDS.indexOf(kind)) * KIND + BigInt(index) * SECOND);
}
