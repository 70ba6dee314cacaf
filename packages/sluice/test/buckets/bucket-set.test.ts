import { describe, expect, it } from 'vitest';
import { bucketSet } from './parts.js';

const READ = 'GET /channels/{channel}/messages';
const PAIR = 'PUT|DELETE /channels/{channel}/pins/{id}';

describe('the buckets of one hash', () => {
  const set = bucketSet({ hash: 'abc' }, READ);

  it('are named by hash, authorization and major parameters', () => {
    expect(set.nameOf('1')).toBe('abc;digest;1');
    expect(set).toMatchObject({ isUnknown: false, hash: 'abc' });
  });

  it('are named for the store without the authorization', () => {
    expect(set.identityOf('1')).toEqual({ name: 'abc;1', hash: 'abc' });
  });
});

describe('the buckets of one route whose hash counts separately', () => {
  const set = bucketSet({ hash: 'abc', route: READ }, READ);

  it('have the route in their name, too', () => {
    expect(set.nameOf('1')).toBe(`abc;digest;1;${READ}`);
    expect(set.isUnknown).toBe(false);
  });

  it('tell the store of the bucket that the routes had in common', () => {
    expect(set.identityOf('1')).toEqual({ name: `abc;1;${READ}`, hash: 'abc', apart: true, parent: 'abc;1' });
  });
});

describe('the buckets of routes without a hash', () => {
  it('are named UNKNOWN, and name the routes for the store', () => {
    const set = bucketSet({ route: PAIR }, PAIR);
    expect(set.isUnknown).toBe(true);
    expect(set.nameOf('1')).toBe(`UNKNOWN;digest;1;${PAIR}`);
    expect(set.identityOf('1')).toEqual({
      name: `UNKNOWN;1;${PAIR}`,
      routes: ['PUT /channels/{channel}/pins/{id}', 'DELETE /channels/{channel}/pins/{id}'],
    });
  });

  it('have the name of a single route where it has no partner', () => {
    expect(bucketSet({}, READ).identityOf('1')).toEqual({ name: `UNKNOWN;1;${READ}`, routes: [READ] });
  });
});

describe('a bucket without requests', () => {
  it('stands for the route that was asked for, or for the first of its set', () => {
    const set = bucketSet({ hash: 'abc' }, READ);
    expect(String(set.routeOf('1', 'POST /channels/{channel}/messages'))).toBe('POST /channels/1/messages');
    expect(String(set.routeOf('2', ''))).toBe('GET /channels/2/messages');
  });
});
