/** A moment in 2023, so that messages of these ids are long older than the 14 days after which deletion counts apart. */
const FIRST = 1_100_000_000_000_000_000n;
/** Ids of one kind lie a second apart, those of two kinds further than any scenario counts. */
const SECOND = 1000n << 22n;
const KIND = SECOND * 100_000n;

const KINDS = ['application', 'guild', 'channel', 'message', 'user', 'role', 'webhook', 'interaction'] as const;

/** What an id is of. */
export type SnowflakeKind = (typeof KINDS)[number];

/** The id of the n-th thing of a kind: realistic, and the same in every run. */
export function snowflake(kind: SnowflakeKind, index = 0): string {
  return String(FIRST + BigInt(KINDS.indexOf(kind)) * KIND + BigInt(index) * SECOND);
}
