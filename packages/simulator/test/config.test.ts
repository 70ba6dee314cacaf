import { describe, expect, test } from 'vitest';
import { parseModelConfig, parseSimulatorOptions } from '../src/config.js';
import { DEFAULT_ROUTES } from '../src/default-routes.js';
import { SimulatorConfigError } from '../src/errors.js';
import type { RouteRule } from '../src/model/routes.js';

const RULE: RouteRule = { methods: ['GET'], path: '/a', bucket: 'b', limit: 1, period: 1, window: 'fixed' };

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

test('what is given is kept', () => {
  const routes: RouteRule[] = [
    { ...RULE, exempt: true, status: 403 },
    { methods: ['DELETE'], path: '/m/{message}', bucket: null, messageAge: 'old' },
  ];
  const given = { port: 8080, host: '::1', routes, globalLimit: null, rtt: 0.5, jitter: 3, seed: 0, journalSize: 0 };
  expect(parseSimulatorOptions(given)).toEqual(given);
});

describe('a bad option', () => {
  test.each([
    [null, 'configuration must be an object, not null'],
    [{ prot: 1 }, 'prot is unknown; known are routes, globalLimit, port, host, rtt, jitter, seed, journalSize'],
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
  ])('%j', (input, message) => {
    expect(problemOf(input).message).toBe(message);
  });
});

describe('a bad rule', () => {
  test.each<[object, string]>([
    [
      { limt: 1 },
      'limt is unknown; known are methods, path, bucket, limit, period, window, exempt, messageAge, status',
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
  ])('%j', (fields, message) => {
    expect(problemOf({ routes: [RULE, { ...RULE, ...fields }] }).message).toBe(`routes[1].${message}`);
  });

  test('that is no object', () => {
    expect(problemOf({ routes: [7] }).message).toBe('routes[0] must be an object, not 7');
  });

  test('is named by its field', () => {
    expect(problemOf({ routes: [{ ...RULE, limit: 0 }] }).field).toBe('routes[0].limit');
  });

  test.each([{ limit: 2 }, { period: 2 }, { window: 'sliding' }])(
    'that shares a bucket with other limits: %j',
    (fields) => {
      expect(problemOf({ routes: [RULE, RULE, { ...RULE, ...fields }] }).message).toBe(
        'routes[2].bucket is the bucket of routes[0] too, so limit, period and window must be equal',
      );
    },
  );
});
