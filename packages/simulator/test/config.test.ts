import { describe, expect, test } from 'vitest';
import { parseModelConfig, parseSimulatorOptions } from '../src/config.js';
import { DEFAULT_ROUTES } from '../src/default-routes.js';
import { SimulatorConfigError } from '../src/errors.js';
import type { FaultRule } from '../src/model/faults.js';
import type { LimitedRule, RouteRule } from '../src/model/routes.js';

const RULE: RouteRule = { methods: ['GET'], path: '/a', bucket: 'b', limit: 1, period: 1, window: 'fixed' };

const SIZE = { limit: 1, period: 1 };
const SIZED = { ...SIZE, fields: ['a'] };

function problemOf(input: unknown): { field: string; message: string } {
  try {
    parseSimulatorOptions(input);
  } catch (error) {
    if (error instanceof SimulatorConfigError) return { field: error.field, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

test('everything has a default', () => {
  expect(parseSimulatorOptions({})).toEqual({
    port: 0,
    host: '127.0.0.1',
    routes: DEFAULT_ROUTES,
    globalLimit: 50,
    rtt: 0,
    jitter: 0,
    seed: 1,
    journalSize: 1_000_000,
  });
  expect(parseModelConfig()).toEqual({ routes: DEFAULT_ROUTES, globalLimit: 50 });
});

test('given values are kept', () => {
  const size = { limit: 2, period: 500 };
  const routes: RouteRule[] = [
    { ...RULE, exempt: true, status: 403 },
    {
      ...RULE,
      path: '/channels/{channel}',
      counter: 'c',
      headers: 'none',
      reported: { limit: 0, remaining: 9, resetAfter: 0, bucket: 'r' },
      subLimits: [{ ...size, fields: ['name', 'topic'], window: 'sliding', scope: 'shared' }],
      shared: { ...size, group: 'g', outside: [{ at: 0, every: 1, count: 2, until: 3 }] },
      hidden: { ...size, by: ['channel'], group: 'h', body: 'json', window: 'fixed' },
      outside: [{ at: 7 }],
      changes: [
        { at: 1, ...size, window: 'sliding' },
        { at: 1, bucket: 'n', headers: 'normal' },
      ],
    },
    { methods: ['DELETE'], path: '/m/{message}', bucket: null, messageAge: 'old' },
  ];
  const faults: FaultRule[] = [
    { kind: 'drop', probability: 0.5, methods: ['GET'], path: '/a' },
    { kind: 'slow', delay: 5, every: 2 },
    { kind: 'status', status: 500, counted: false, headers: 'none', at: [1, 3] },
    { kind: 'gateway', status: 504, counted: true, at: [2] },
  ];
  const invalidRequests = { limit: 5, period: 6, ban: 7 };
  const hidden = { invalidRequests, invalidTokens: ['Bot x'], deadWebhooks: ['1'], faults };
  const given = {
    ...hidden,
    port: 8080,
    host: '::1',
    routes,
    globalLimit: null,
    rtt: 0.5,
    jitter: 3,
    seed: 0,
    journalSize: 0,
  };
  expect(parseSimulatorOptions(given)).toEqual(given);
  expect(parseModelConfig({ ...hidden, routes, globalLimit: null, seed: 3 })).toEqual({
    ...hidden,
    routes,
    globalLimit: null,
    seed: 3,
  });
  expect(parseModelConfig({ invalidRequests: null }).invalidRequests).toBeNull();
});

describe('a bad option', () => {
  test.each([
    [null, 'configuration must be an object, not null'],
    [
      { prot: 1 },
      'prot is unknown; known are routes, globalLimit, invalidRequests, invalidTokens, deadWebhooks, faults, seed, port, host, rtt, jitter, journalSize',
    ],
    [{ port: 65_536 }, 'port must be a whole number from 0 to 65535, not 65536'],
    [{ port: null }, 'port must be a whole number from 0 to 65535, not null'],
    [{ host: '' }, 'host must be a text that is not empty, not ""'],
    [{ globalLimit: 0 }, 'globalLimit must be a whole number of at least 1, not 0'],
    [{ rtt: -1 }, 'rtt must be a number of milliseconds of at least 0, not -1'],
    [{ jitter: 'x' }, 'jitter must be a number of milliseconds of at least 0, not "x"'],
    [{ rtt: Number.POSITIVE_INFINITY }, 'rtt must be a number of milliseconds of at least 0, not Infinity'],
    [{ seed: 0.5 }, 'seed must be a whole number from 0 to 4294967295, not 0.5'],
    [{ journalSize: -1 }, 'journalSize must be a whole number of at least 0, not -1'],
    [{ routes: {} }, 'routes must be a list, not an object'],
    [{ invalidRequests: 5 }, 'invalidRequests must be an object, not 5'],
    [{ invalidRequests: { limit: 0 } }, 'invalidRequests.limit must be a whole number of at least 1, not 0'],
    [{ invalidRequests: { span: 1 } }, 'invalidRequests.span is unknown; known are limit, period, ban'],
    [{ invalidTokens: 'Bot x' }, 'invalidTokens must be a list, not "Bot x"'],
    [{ deadWebhooks: [1] }, 'deadWebhooks[0] must be a text that is not empty, not 1'],
  ])('%j', (input, message) => {
    expect(problemOf(input).message).toBe(message);
  });
});

describe('a bad rule', () => {
  test.each<[object, string]>([
    [
      { limt: 1 },
      'limt is unknown; known are methods, path, bucket, exempt, messageAge, status, limit, period, window, counter, headers, reported, subLimits, shared, hidden, outside, changes',
    ],
    [{ methods: 'GET' }, 'methods must be a list, not "GET"'],
    [{ methods: [] }, 'methods must be a list of at least one method, not an empty list'],
    [
      { methods: ['GET', 'get'] },
      'methods[1] must be one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", not "get"',
    ],
    [{ path: 'a' }, 'path must be a path template such as "/channels/{channel}/messages", not "a"'],
    [{ bucket: undefined }, 'bucket must be a text of visible ASCII characters, or null, and is missing'],
    [{ bucket: 'a b' }, 'bucket must be a text of visible ASCII characters, or null, not "a b"'],
    [{ limit: 'x' }, 'limit must be a whole number of at least 1, not "x"'],
    [{ limit: 1.5 }, 'limit must be a whole number of at least 1, not 1.5'],
    [{ period: 0 }, 'period must be a number of milliseconds above 0, not 0'],
    [{ window: 'leaky' }, 'window must be one of "fixed", "sliding", not "leaky"'],
    [{ exempt: 1 }, 'exempt must be true or false, not 1'],
    [{ status: 99 }, 'status must be a whole number from 200 to 599, not 99'],
    [{ messageAge: 'new' }, 'messageAge must be one of "young", "old", not "new"'],
    [{ messageAge: 'old' }, 'messageAge needs a path with the parameter {message}'],
    [{ bucket: null }, 'limit must be left out where bucket is null'],
    [{ counter: '' }, 'counter must be a text of visible ASCII characters, not ""'],
    [{ headers: 'some' }, 'headers must be one of "normal", "none", not "some"'],
    [{ reported: { limit: 1 } }, 'reported.remaining must be a whole number of at least 0, and is missing'],
    [{ subLimits: [{}] }, 'subLimits[0].fields must be a list, and is missing'],
    [{ subLimits: [{ fields: [] }] }, 'subLimits[0].fields must be a list of at least one field, not an empty list'],
    [
      { subLimits: [{ fields: ['a'], limit: 1 }] },
      'subLimits[0].period must be a number of milliseconds above 0, and is missing',
    ],
    [
      { subLimits: [{ ...SIZED, scope: 'global' }] },
      'subLimits[0].scope must be one of "user", "shared", not "global"',
    ],
    [
      { shared: { limit: 1, period: 1, by: [] } },
      'shared.by is unknown; known are limit, period, window, group, outside',
    ],
    [{ hidden: { limit: 1, period: 1, by: ['guild'] } }, 'hidden.by[0] needs a path with the parameter {guild}'],
    [{ hidden: { limit: 1, period: 1, body: 'html' } }, 'hidden.body must be one of "none", "json", not "html"'],
    [{ outside: [{ every: 1 }] }, 'outside[0].at must be a number of milliseconds of at least 0, and is missing'],
    [{ outside: [{ at: 0, every: 0 }] }, 'outside[0].every must be a number of milliseconds above 0, not 0'],
    [{ changes: [{ at: 5 }, { at: 4 }] }, 'changes[1].at must not be earlier than the change before it'],
    [
      { changes: [{ at: 5, status: 1 }] },
      'changes[0].status is unknown; known are at, limit, period, window, bucket, headers',
    ],
  ])('%j', (fields, message) => {
    expect(problemOf({ routes: [RULE, { ...RULE, ...fields }] }).message).toBe(`routes[1].${message}`);
  });

  test('that is not an object', () => {
    expect(problemOf({ routes: [7] }).message).toBe('routes[0] must be an object, not 7');
  });

  test('is named by its field', () => {
    expect(problemOf({ routes: [{ ...RULE, limit: 0 }] }).field).toBe('routes[0].limit');
  });

  test.each([{ limit: 2 }, { period: 2 }, { window: 'sliding' }])(
    'that shares a bucket with other limits: %j',
    (fields) => {
      expect(problemOf({ routes: [RULE, RULE, { ...RULE, ...fields }] }).message).toBe(
        'routes[2].bucket is also the bucket of routes[0], so limit, period and window must be equal',
      );
    },
  );

  test.each<[Partial<LimitedRule>, Partial<LimitedRule>, string]>([
    [
      { counter: 'c' },
      { counter: 'c', limit: 2 },
      'counter is also the counter of routes[0], so limit, period and window',
    ],
    [
      {},
      { counter: 'b', bucket: 'other', limit: 2 },
      'counter is also the counter of routes[0], so limit, period and window',
    ],
    [{}, { outside: [{ at: 1 }] }, 'bucket is also the bucket of routes[0], so outside'],
    [
      {},
      { changes: [{ at: 1, limit: 2 }] },
      'bucket is also the bucket of routes[0], so changes of limit, period and window',
    ],
    [
      { subLimits: [SIZED] },
      {
        subLimits: [
          { ...SIZED, fields: ['b'] },
          { ...SIZED, limit: 2 },
        ],
      },
      'subLimits[1] is also the sub-limit of routes[0], so limit, period and window',
    ],
    [
      { shared: { ...SIZE, group: 'g' } },
      { shared: { ...SIZE, group: 'g', outside: [] } },
      'shared is also the shared limit of routes[0], so outside',
    ],
    [
      { hidden: { ...SIZE, window: 'fixed' } },
      { hidden: { ...SIZE, period: 9 } },
      'hidden is also the hidden limit of routes[0], so limit, period and window',
    ],
  ])('that shares a counter and does not agree on it: %j and %j', (one, other, problem) => {
    expect(
      problemOf({
        routes: [
          { ...RULE, ...one },
          { ...RULE, ...other },
        ],
      }).message,
    ).toBe(`routes[1].${problem} must be equal`);
  });

  test('does not include one that shares a bucket and has its own counters', () => {
    const apart = { ...RULE, counter: 'c', limit: 7, outside: [{ at: 1 }] };
    const renamed = { ...RULE, changes: [{ at: 1, headers: 'none' as const }] };
    expect(() => parseModelConfig({ routes: [RULE, apart] })).not.toThrow();
    expect(() => parseModelConfig({ routes: [RULE, renamed] })).not.toThrow();
  });
});

describe('a bad fault', () => {
  test.each<[object, string]>([
    [
      { kind: 'explode' },
      '.kind must be one of "drop", "refuse", "reset", "stall", "slow", "malformed", "status", "gateway", not "explode"',
    ],
    [{ kind: 'drop' }, ' must have exactly one of probability, every, at'],
    [{ kind: 'drop', every: 1, at: [1] }, ' must have exactly one of probability, every, at'],
    [{ kind: 'drop', probability: 1.5 }, '.probability must be a number from 0 to 1, not 1.5'],
    [{ kind: 'drop', every: 0 }, '.every must be a whole number of at least 1, not 0'],
    [{ kind: 'drop', at: [] }, '.at must be a list of at least one place, not an empty list'],
    [{ kind: 'drop', at: [0] }, '.at[0] must be a whole number of at least 1, not 0'],
    [{ kind: 'drop', every: 1, delay: 5 }, '.delay is unknown; known are kind, probability, every, at, methods, path'],
    [
      { kind: 'drop', every: 1, path: 'x' },
      '.path must be a path template such as "/channels/{channel}/messages", not "x"',
    ],
    [{ kind: 'slow', every: 1 }, '.delay must be a number of milliseconds above 0, and is missing'],
    [{ kind: 'status', every: 1 }, '.status must be a whole number from 400 to 599, and is missing'],
    [{ kind: 'gateway', every: 1, status: 200 }, '.status must be a whole number from 400 to 599, not 200'],
  ])('%j', (fault, message) => {
    expect(problemOf({ faults: [fault] }).message).toBe(`faults[0]${message}`);
  });
});
