import { expect, it } from 'vitest';
import { limiter } from '../rig.js';
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
