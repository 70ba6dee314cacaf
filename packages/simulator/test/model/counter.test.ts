import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Counter, type CounterPlan } from '../../src/model/counter.js';

const IDLE: CounterPlan = { limits: { limit: 2, period: 1000, window: 'fixed' }, changes: [], outside: [] };

const kind = fc.constantFrom('fixed', 'sliding');
const limits = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  period: fc.integer({ min: 1, max: 900 }),
  window: kind,
});
const instant = fc.integer({ min: 0, max: 3000 });
const plans: fc.Arbitrary<CounterPlan> = fc.record({
  limits,
  changes: fc
    .array(fc.tuple(instant, limits), { maxLength: 4 })
    .map((changes) => changes.map(([at, change]) => ({ at, ...change })).sort((a, b) => a.at - b.at)),
  outside: fc.array(fc.record({ at: instant, every: fc.integer({ min: 20, max: 700 }) }), { maxLength: 2 }),
});

describe('others', () => {
  test('take room, unseen', () => {
    const counter = new Counter({ ...IDLE, outside: [{ at: 300, count: 2 }] }, 0);
    expect(counter.hit(200)).toMatchObject({ admitted: true, remaining: 1 });
    expect(counter.hit(300)).toMatchObject({ admitted: false, remaining: 0, retryAfter: 900 });
    expect(counter.hit(1200)).toMatchObject({ admitted: true, remaining: 1 });
  });

  test('open a window before its first own request', () => {
    const counter = new Counter({ ...IDLE, outside: [{ at: 0 }] }, 5000);
    expect(counter.hit(5600)).toEqual({ admitted: true, remaining: 0, resetAt: 6000, retryAfter: 0 });
  });

  test('use the rest of the old limits at the instant of a change', () => {
    const changes = [{ at: 500, limit: 5, period: 1000, window: 'fixed' }] as const;
    const counter = new Counter({ ...IDLE, changes, outside: [{ at: 500, count: 9 }] }, 0);
    expect(counter.look(500).remaining).toBe(3);
  });
});

test('a change applies from its instant on', () => {
  const changes = [{ at: 400, limit: 3, period: 50, window: 'fixed' }] as const;
  const counter = new Counter({ ...IDLE, changes }, 1000);
  expect(counter.hit(1000).remaining).toBe(1);
  expect(counter.look(1399.9).remaining).toBe(1);
  expect(counter.look(1400)).toMatchObject({ remaining: 2, resetAt: 2000 });
  expect(counter.hit(2000)).toMatchObject({ remaining: 2, resetAt: 2050 });
});

test('it does not matter how often a counter is asked', () => {
  const hits = fc.array(instant, { maxLength: 30 });
  fc.assert(
    fc.property(plans, hits, fc.array(instant, { maxLength: 30 }), (plan, hitInstants, lookInstants) => {
      const isHit = new Set(hitInstants);
      const asked = new Counter(plan, 0);
      const answers: boolean[] = [];
      for (const at of [...new Set([...hitInstants, ...lookInstants])].sort((a, b) => a - b)) {
        const seen = asked.look(at);
        if (isHit.has(at)) answers.push(asked.hit(at).admitted && seen.admitted);
      }
      const left = new Counter(plan, 0);
      expect([...isHit].sort((a, b) => a - b).map((at) => left.hit(at).admitted)).toEqual(answers);
    }),
  );
});
