import { expect, it } from 'vitest';
import { callsBetween, parseCommandCalls } from '../src/command-calls.js';

const INFO = [
  '# Commandstats',
  'cmdstat_evalsha:calls=12,usec=340,usec_per_call=28.33,rejected_calls=0,failed_calls=0',
  'cmdstat_get:calls=24,usec=30,usec_per_call=1.25,rejected_calls=0,failed_calls=0',
  'cmdstat_config|set:calls=1,usec=30,usec_per_call=1.25,rejected_calls=0,failed_calls=0',
  '',
].join('\r\n');

it('reads the number of calls of each command', () => {
  const calls = { evalsha: 12, get: 24, 'config|set': 1 };
  expect(Object.fromEntries(parseCommandCalls(INFO))).toEqual(calls);
});

it('counts between two readings, and leaves the readings out', () => {
  const before = new Map(Object.entries({ evalsha: 2, get: 4, info: 1 }));
  const after = new Map(Object.entries({ evalsha: 12, eval: 1, get: 24, publish: 3, info: 2 }));
  expect(callsBetween(before, after)).toEqual({ scripts: 11, commands: 34 });
});
