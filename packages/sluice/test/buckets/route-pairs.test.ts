import { describe, expect, it } from 'vitest';
import { pairOf, partnerOf, routesOf } from '../../src/buckets/route-pairs.js';

const REACTION = '/channels/{channel}/messages/{id}/reactions/{emoji}/@me';

describe('PUT and DELETE of one path', () => {
  it('are partners, and have one name', () => {
    expect(partnerOf(`PUT ${REACTION}`)).toBe(`DELETE ${REACTION}`);
    expect(partnerOf(`DELETE ${REACTION}`)).toBe(`PUT ${REACTION}`);
    expect(pairOf(`PUT ${REACTION}`)).toBe(`PUT|DELETE ${REACTION}`);
    expect(pairOf(`DELETE ${REACTION}`)).toBe(`PUT|DELETE ${REACTION}`);
    expect(routesOf(`PUT|DELETE ${REACTION}`)).toEqual([`PUT ${REACTION}`, `DELETE ${REACTION}`]);
  });
});

describe('a route of another method', () => {
  it.each(['GET', 'HEAD', 'POST', 'PATCH'])('%s has no partner, and its own name', (method) => {
    const identity = `${method} ${REACTION}`;
    expect(partnerOf(identity)).toBeUndefined();
    expect(pairOf(identity)).toBe(identity);
    expect(routesOf(identity)).toEqual([identity]);
  });
});
