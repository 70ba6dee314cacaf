/** 2015-01-01T00:00:00Z in Unix milliseconds: the zero of Discord's snowflakes. */
const DISCORD_EPOCH = 1_420_070_400_000;
const TIMESTAMP_SHIFT = 22n;

/** The Unix milliseconds at which a snowflake was made, or `undefined` when the text is not a snowflake. */
export function snowflakeTime(text: string): number | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  return Number(BigInt(text) >> TIMESTAMP_SHIFT) + DISCORD_EPOCH;
}

/**
 * A snowflake for an instant.
 *
 * @param time - Unix milliseconds; an instant before Discord's epoch counts as that epoch
 * @param sequence - distinguishes snowflakes of one millisecond
 */
export function snowflakeAt(time: number, sequence: number): string {
  const timestamp = BigInt(Math.max(0, Math.floor(time) - DISCORD_EPOCH));
  return ((timestamp << TIMESTAMP_SHIFT) | BigInt(sequence % 4096)).toString();
}
