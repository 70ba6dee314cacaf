import { expect, it } from 'vitest';
import { outcomeOf } from '../../src/arena/ending.js';
import type { ArenaRequest } from '../../src/arena/scenario.js';
import { run } from './samples.js';

const requests = Array.from({ length: 10 }, (): ArenaRequest => ({ method: 'GET', path: '/gateway' }));

it.each([
  ['done', { answered: 10 }, 'complete'],
  ['done', { answered: 9 }, 'incomplete'],
  ['overdue', { answered: 9, drainMs: 59_000 }, 'late'],
  ['overdue', { answered: 9, drainMs: 20_000 }, 'hung'],
  ['overdue', { answered: 0, drainMs: 0 }, 'hung'],
  ['crashed', { answered: 10 }, 'crashed'],
] as const)('a run that is %s with %j is %s', (how, state, outcome) => {
  expect(outcomeOf({ how, state: run(state) }, { requests, deadline: 60_000 })).toBe(outcome);
});
