import { expect, it } from 'vitest';
import { Route } from '../../src/index.js';
import { clock, limiter, watch } from '../rig.js';
import { messages } from './requests.js';

const limits = (bucket: string) => ({ bucket, limit: 5, remaining: 4, resetAfter: 1_000 });

it('an unused bucket names a request even after its route has moved to another hash', async () => {
  const manager = limiter();
  const [one, other] = [messages(1), messages(2)];
  (await manager.acquire(one)).complete(limits('first'));
  const left = manager.getBucket(other);
  (await manager.acquire(one)).complete(limits('second'));
  expect(manager.getBucket(other)).not.toBe(left);
  expect(String(left.route)).toBe('POST /channels/2/messages');
});

it('a bucket in use names the request that is in flight or waits', async () => {
  const manager = limiter();
  const [first, second] = ['11', '12'].map((id) => Route.match('PATCH', `/channels/1/messages/${id}`));
  if (first === undefined || second === undefined) throw new Error('There are two requests');
  const permit = await manager.acquire(first);
  const waiting = watch([manager.acquire(second)]);
  const bucket = manager.getBucket(first);
  expect(bucket.route).toBe(first);
  permit.complete(limits('first'));
  await clock.advance(0);
  expect(bucket.route).toBe(second);
  waiting.permits[0]?.cancel('unsent');
  expect(String(bucket.route)).toBe('PATCH /channels/1/messages/{id}');
});
