import { expect, it } from 'vitest';
import { type Clock, RESTBucketManager, type Timer } from '../../src/index.js';
import { edit } from './requests.js';

const HEADERS = {
  'x-ratelimit-bucket': 'c',
  'x-ratelimit-limit': '9',
  'x-ratelimit-remaining': '8',
  'x-ratelimit-reset-after': '1',
};

/** The clock of a process that is too busy for its timers. */
class StarvedClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  setTimer(): Timer {
    return { cancel: () => {} };
  }
}

it('a request beside the queue leaves before a later one when its wait is over, even if its timer is late', async () => {
  const clock = new StarvedClock();
  using manager = new RESTBucketManager({ clock });
  const rename = await manager.acquire(edit(), { body: { name: 'a' } });
  rename.complete({ status: 429, headers: HEADERS, body: { message: '', retry_after: 5, global: false } });
  const order: string[] = [];
  const again = rename.retry().then((permit) => {
    order.push('again');
    permit.complete({ status: 200, headers: HEADERS });
  });
  clock.time = 6_000;
  const later = manager.acquire(edit(), { body: { position: 1 } }).then(() => order.push('later'));
  await Promise.all([again, later]);
  expect(order).toEqual(['again', 'later']);
});
