import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';

const limits = (bucket: string) => ({ bucket, limit: 5, remaining: 4, resetAfter: 1_000 });

it('a bucket that its route has left, and that was never used, still names a request', async () => {
  using manager = new RESTBucketManager({ clock: new VirtualClock() });
  const [one, other] = [1, 2].map((channel) => Route.match('POST', `/channels/${channel}/messages`));
  if (one === undefined || other === undefined) throw new Error('two routes were made');
  (await manager.acquire(one)).complete(limits('first'));
  const left = manager.getBucket(other);
  (await manager.acquire(one)).complete(limits('second'));
  expect(manager.getBucket(other)).not.toBe(left);
  expect(String(left.route)).toBe('POST /channels/2/messages');
});
