import { describe, expect, test } from 'vitest';
import { type RouteRule, RouteTable } from '../../src/model/routes.js';
import { snowflakeAt } from '../../src/model/snowflake.js';

const UNIX_TIME = 1_750_000_000_000;
const DAY = 86_400_000;

function ruleFor(rules: readonly RouteRule[], method: string, path: string): RouteRule | undefined {
  return new RouteTable(rules).match(method, path, UNIX_TIME)?.rule;
}

test('the first rule that matches applies', () => {
  const rules: RouteRule[] = [
    { methods: ['GET'], path: '/users/@me', bucket: null },
    { methods: ['GET', 'PATCH'], path: '/users/{user}', bucket: null },
  ];
  expect(ruleFor(rules, 'GET', '/users/@me')).toBe(rules[0]);
  expect(ruleFor(rules, 'PATCH', '/users/@me')).toBe(rules[1]);
  expect(ruleFor(rules, 'GET', '/users/5')).toBe(rules[1]);
  expect(ruleFor(rules, 'POST', '/users/5')).toBeUndefined();
});

describe("rules for a message's age", () => {
  const rules: RouteRule[] = [
    { methods: ['DELETE'], path: '/channels/{channel}/messages/{message}', bucket: null, messageAge: 'young' },
    { methods: ['DELETE'], path: '/channels/{channel}/messages/{message}', bucket: null, messageAge: 'old' },
    { methods: ['DELETE'], path: '/channels/{channel}/messages/{message}', bucket: null },
  ];

  test.each([
    ['young', 0, 0],
    ['young', 9_999, 0],
    ['of no special age', 10_000, 2],
    ['of no special age', 14 * DAY, 2],
    ['old', 14 * DAY + 1, 1],
  ])('a message that is %s (%d ms)', (_name, age, place) => {
    expect(ruleFor(rules, 'DELETE', `/channels/1/messages/${snowflakeAt(UNIX_TIME - age, 0)}`)).toBe(rules[place]);
  });

  test('a message whose id is not a snowflake has no special age', () => {
    expect(ruleFor(rules, 'DELETE', '/channels/1/messages/@original')).toBe(rules[2]);
  });
});
