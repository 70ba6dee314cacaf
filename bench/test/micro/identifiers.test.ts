import { describe, expect, it } from 'vitest';
import { shuffled, snowflakeAt, snowflakes } from '../../src/micro/identifiers.js';

describe('snowflakes', () => {
  it('are distinct and have the 19 digits that all clients recognise', () => {
    const made = snowflakes(1_000);
    expect(new Set(made).size).toBe(1_000);
    for (const each of made) expect(each).toMatch(/^\d{19}$/);
  });

  it('tell the instant that they were made for', () => {
    const instant = Date.UTC(2026, 4, 6, 7, 8, 9, 10);
    expect(Number((BigInt(snowflakeAt(instant, 7)) >> 22n) + 1_420_070_400_000n)).toBe(instant);
    expect(snowflakeAt(instant, 7)).not.toBe(snowflakeAt(instant, 8));
  });
});

describe('shuffled', () => {
  it('holds every number once', () => {
    expect([...shuffled(1_000)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, number) => number));
  });

  it('is always the same, and not in order', () => {
    expect(shuffled(100)).toEqual(shuffled(100));
    const steps = [...shuffled(1_000)].map((number, at, all) => number - (all[at - 1] ?? 0));
    expect(steps.filter((step) => Math.abs(step) === 1).length).toBeLessThan(20);
  });

  it('accepts counts of 0 and 1', () => {
    expect([...shuffled(0)]).toEqual([]);
    expect([...shuffled(1)]).toEqual([0]);
  });
});
