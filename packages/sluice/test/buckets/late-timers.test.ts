import { expect, it } from 'vitest';
import type { Clock, Timer } from '../../src/clock/clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';

const CHANNEL = Route.match('PATCH', '/channels/1');
const HEADERS = {
  'x-ratelimit-bucket': 'c',
  'x-ratelimit-limit': '9',
  'x-ratelimit-remaining': '8',
  'x-ratelimit-reset-after': '1',
};

/** A clock of a process so busy that no timer fires. */
class StarvedClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  setTimer(): Timer {
    return { cancel: () => {} };
  }
}

it('a request that has waited beside the queue for long enough leaves with the next one, although its timer is late', async () => {
  const clock = new StarvedClock();
  using manager = new RESTBucketManager({ clock });
  const rename = await manager.acquire(CHANNEL, { body: { name: 'a' } });
  const headers = HEADERS;
  rename.complete({ status: 429, headers, body: { message: '', retry_after: 5, global: false } });
  const order: string[] = [];
  const again = rename.retry().then((permit) => {
    order.push('again');
    permit.complete({ status: 200, headers });
  });
  clock.time = 6_000;
  const later = manager.acquire(CHANNEL, { body: { position: 1 } }).then(() => order.push('later'));
  await Promise.all([again, later]);
  expect(order).toEqual(['again', 'later']);
});
