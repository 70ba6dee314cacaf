import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingLimit } from '../../src/model/rolling-limit.js';

const SECOND = 1000;

test('frees a place one second after the arrival that took it', () => {
  const limit = new RollingLimit(2, SECOND);
  expect([limit.hit(0), limit.hit(400), limit.hit(999)]).toEqual([0, 0, 1]);
  expect([limit.hit(1000), limit.hit(1000), limit.hit(1400)]).toEqual([0, 400, 0]);
});

test('does not count refused requests', () => {
  const limit = new RollingLimit(1, SECOND);
  limit.hit(0);
  for (let time = 100; time < 1000; time += 100) expect(limit.hit(time)).toBe(1000 - time);
  expect(limit.hit(1000)).toBe(0);
});

test('counts a request exactly when fewer than the limit were counted in the second before it', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), gaps, (limit, waits) => {
      const subject = new RollingLimit(limit, SECOND);
      const counted: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const inSecond = counted.filter((time) => time > now - 1000);
        const [oldest = now] = inSecond;
        expect(subject.hit(now)).toBe(inSecond.length < limit ? 0 : oldest + 1000 - now);
        if (inSecond.length < limit) counted.push(now);
      }
    }),
  );
});
