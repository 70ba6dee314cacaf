/** 2026-01-01 as the first of the snowflakes, in ms since Discord's epoch. */
const FIRST = 346_982_400_000n << 22n;

/** The snowflake of a number, with 19 digits like today's; different for different numbers. */
export function snowflake(number: number): string {
  return String(FIRST + BigInt(number) * 4_194_304n);
}

/** The first `count` snowflakes. */
export function snowflakes(count: number): string[] {
  return Array.from({ length: count }, (_, number) => snowflake(number));
}

/** The snowflake of an instant, in ms since the Unix epoch. */
export function snowflakeAt(instant: number, number = 0): string {
  return String((BigInt(Math.trunc(instant) - 1_420_070_400_000) << 22n) + BigInt(number));
}

/**
 * The numbers below `count` in a fixed order that is unrelated to the order of creation, so that neighbours in memory
 * are not used one after another.
 */
export function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let state = 1;
  for (let last = count - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const value = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = value;
  }
  return order;
}
