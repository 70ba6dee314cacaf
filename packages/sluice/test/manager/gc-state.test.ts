import { expect, it } from 'vitest';
import { gcState } from '../../src/manager/gc-state.js';

it.each([
  ['in use', true, Number.NEGATIVE_INFINITY, 'active'],
  ['whose limit resets at this instant', false, 1_000, 'active'],
  ['whose limit has just reset', false, 999, 'survival'],
  ['whose limit reset as long ago as it is kept', false, 900, 'survival'],
  ['whose limit reset longer ago', false, 899, 'dead'],
  ['that was never used', false, Number.NEGATIVE_INFINITY, 'dead'],
] as const)('a bucket %s', (_, inUse, idleAt, state) => {
  expect(gcState(inUse, idleAt, 100, 1_000)).toBe(state);
});
