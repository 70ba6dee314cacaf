import { expect, test } from 'vitest';
import { phaseAt, phasesOf } from '../../src/model/limit-change.js';

const RULE = { bucket: 'old', limit: 5, period: 1000, window: 'fixed' } as const;

test('a rule without changes has one phase', () => {
  expect(phasesOf(RULE)).toHaveLength(1);
  expect(phaseAt(RULE, -1)).toMatchObject({ ...RULE, headers: 'normal' });
});

test('each change keeps the values that it does not name', () => {
  const changes = [
    { at: 100, limit: 3 },
    { at: 200, bucket: 'new', headers: 'none' },
    { at: 200, window: 'sliding', headers: 'normal' },
  ] as const;
  const rule = { ...RULE, changes };
  expect(phaseAt(rule, 99.9)).toMatchObject(RULE);
  expect(phaseAt(rule, 100)).toMatchObject({ ...RULE, limit: 3 });
  expect(phaseAt(rule, 200)).toMatchObject({
    bucket: 'new',
    limit: 3,
    period: 1000,
    window: 'sliding',
    headers: 'normal',
  });
  expect(phasesOf(rule).map(({ headers }) => headers)).toEqual(['normal', 'normal', 'none', 'normal']);
});
