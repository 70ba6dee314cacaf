/**
 * A small seeded generator (mulberry32): the same seed gives the same sequence.
 *
 * @param seed - a whole number, 0 to 4,294,967,295
 * @returns a function that returns the next number, from 0 up to but not including 1
 */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
