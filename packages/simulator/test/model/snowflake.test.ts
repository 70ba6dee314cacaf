import { expect, test } from 'vitest';
import { snowflakeAt, snowflakeTime } from '../../src/model/snowflake.js';

test("reads the instant of Discord's documented example", () => {
  expect(snowflakeTime('175928847299117063')).toBe(1_462_015_105_796);
});

test('makes snowflakes that read back', () => {
  expect(snowflakeTime(snowflakeAt(1_700_000_000_123.9, 5))).toBe(1_700_000_000_123);
  expect(snowflakeAt(1_700_000_000_000, 1)).not.toBe(snowflakeAt(1_700_000_000_000, 2));
});

test.each(['', '@original', '-1', '1.5', '123456789012345678901'])('%j is not a snowflake', (text) => {
  expect(snowflakeTime(text)).toBeUndefined();
});
