import { seededRandom } from '@sluice/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimitTooLongError } from '../../src/errors.js';
import type { CompiledRoute } from '../../src/routes/route.js';
import type { ResponseSource } from '../../src/rules/headers.js';
import { arbitraryAnswer, fuzzAnswer } from './answers.js';
import { FuzzedManager, LOCK_DURATION, MAX_RATE_LIMIT, ROUTES } from './fuzzed-manager.js';

const seed = fc.integer({ min: 0, max: 0xffff_ffff });

/** Bodies whose fields may have limits of their own. */
const BODIES = [undefined, { name: 'a' }, { topic: 'b' }, { name: 'a', topic: 'b' }];

const CHOICES = { route: fc.constantFrom(...ROUTES), body: fc.constantFrom(...BODIES), pause: fc.nat(3_000) };

function limitsOf(bucket: string, remaining: number): ResponseSource {
  const limits = { bucket, limit: '5', remaining: String(remaining), 'reset-after': '1' };
  const headers = Object.entries(limits).map(([name, value]) => [`x-ratelimit-${name}`, value]);
  return { status: 200, headers: Object.fromEntries(headers) };
}

interface Step {
  readonly route: CompiledRoute;
  readonly body: unknown;
  /** Time that passes before the event. */
  readonly pause: number;
  readonly answer: ResponseSource;
}

function fuzzStep(random: () => number): Step {
  const route = ROUTES[Math.floor(random() * ROUTES.length)] as CompiledRoute;
  const body = BODIES[Math.floor(random() * BODIES.length)];
  const pause = random() < 0.5 ? 0 : random() * 3_000;
  return { route, body, pause, answer: fuzzAnswer(random) };
}

function fuzzSteps(start: number, count: number): Step[] {
  const random = seededRandom(start);
  return Array.from({ length: count }, () => fuzzStep(random));
}

/** Moves time from deadline to deadline until `isDone`; fails when that takes too long. */
async function settle({ clock }: FuzzedManager, isDone: () => boolean, patience: number): Promise<void> {
  const end = clock.now() + patience;
  await clock.advance(0);
  while (!isDone()) {
    const next = clock.nextTimerAt;
    if (next === undefined || next > end)
      expect.fail(`stuck at ${clock.now()}: next deadline ${next}, patience ${end}`);
    await clock.advanceTo(next);
  }
}

/** Checks a single request with no other event: it leaves within `maxRateLimit`, or is rejected at once. */
async function askAlone(fuzzed: FuzzedManager, { route, body }: Step): Promise<unknown> {
  const ending = fuzzed.acquire(route, body);
  await settle(fuzzed, () => fuzzed.pending === 0, MAX_RATE_LIMIT);
  const { askedAt, endedAt, error } = await ending;
  if (error !== undefined) expect(endedAt).toBe(askedAt);
  return error;
}

/** Checks that a request may leave once the limits that were too long are over, one after another. */
async function outlast(fuzzed: FuzzedManager, step: Step): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const error = await askAlone(fuzzed, step);
    if (error === undefined) return;
    await fuzzed.clock.advance(error instanceof RateLimitTooLongError ? error.retryAfter : LOCK_DURATION);
  }
  expect.fail(`${step.route} is held for ever`);
}

async function playAlone(steps: readonly Step[]): Promise<FuzzedManager> {
  const fuzzed = new FuzzedManager();
  for (const [index, step] of steps.entries()) {
    if (step.pause > 0) await fuzzed.clock.advance(step.pause);
    await (index % 10 === 0 ? outlast : askAlone)(fuzzed, step);
    const permit = fuzzed.held.pop();
    if (permit) fuzzed.complete(permit, step.answer);
  }
  fuzzed.close();
  return fuzzed;
}

/** Answers one of the requests in flight. */
function answerOne(fuzzed: FuzzedManager, { answer, route, pause }: Step): void {
  const [permit] = fuzzed.held.splice(Math.floor(pause) % Math.max(1, fuzzed.held.length), 1);
  if (permit === undefined) return;
  if (fuzzed.complete(permit, answer) && pause > 1_000) void fuzzed.retry(permit, route);
}

/**
 * Sends requests and answers them in any order. When all permits have ended, no request waits for longer than it may: for
 * the limit of its fields, and then for another.
 */
async function playTogether(steps: readonly Step[]): Promise<FuzzedManager> {
  const fuzzed = new FuzzedManager();
  for (const step of steps) {
    void fuzzed.acquire(step.route, step.body);
    await fuzzed.clock.advance(step.pause);
    if (step.pause % 2 < 1.2) answerOne(fuzzed, step);
  }
  for (let next = 0; fuzzed.pending > 0 || fuzzed.held.length > 0; next++) {
    await settle(fuzzed, () => fuzzed.held.length > 0 || fuzzed.pending === 0, 2 * MAX_RATE_LIMIT);
    const step = steps[next % steps.length];
    if (step && next < 10 * steps.length) answerOne(fuzzed, { ...step, pause: 0 });
  }
  fuzzed.close();
  return fuzzed;
}

describe('a manager that gets nonsense as answers', () => {
  it('lets every request leave within maxRateLimit, or rejects it at once: 50,000 answers', async () => {
    let answers = 0;
    let errors = 0;
    const play = async (start: number) => {
      const fuzzed = await playAlone(fuzzSteps(start, 200));
      answers += fuzzed.answers;
      errors += fuzzed.errors.length;
    };
    await fc.assert(fc.asyncProperty(seed, play), { numRuns: 300 });
    expect(answers).toBeGreaterThan(40_000);
    expect(errors).toBeGreaterThan(100);
  });

  it('leaves no request in a queue forever: 25,000 answers out of order', async () => {
    let answers = 0;
    const play = async (start: number) => {
      answers += (await playTogether(fuzzSteps(start, 200))).answers;
    };
    await fc.assert(fc.asyncProperty(seed, play), { numRuns: 200 });
    expect(answers).toBeGreaterThan(20_000);
  });

  it('rejects the waiting requests of every bucket when the global hold is too long', async () => {
    const fuzzed = new FuzzedManager();
    const [first, second] = ROUTES as [CompiledRoute, CompiledRoute];
    for (const route of [first, first, second, second]) void fuzzed.acquire(route);
    await fuzzed.clock.advance(0);
    const [permit] = fuzzed.held;
    const tooLong = (2 * MAX_RATE_LIMIT) / 1_000;
    permit?.complete({ status: 429, headers: {}, body: { retry_after: tooLong, global: true } });
    await fuzzed.clock.advance(0);
    expect([fuzzed.errors.length, fuzzed.pending]).toEqual([2, 0]);
    fuzzed.close();
  });

  it('lets requests that wait for a limit on fields leave after their route has moved to another bucket', async () => {
    const fuzzed = new FuzzedManager();
    const [put, remove] = ROUTES.slice(4) as [CompiledRoute, CompiledRoute];
    const body = { name: 'a' };
    const ask = async (route: CompiledRoute, fields?: unknown) => {
      void fuzzed.acquire(route, fields, 'parallel');
      await fuzzed.clock.advance(0);
      return fuzzed.held.shift();
    };
    (await ask(put, body))?.complete(limitsOf('first', 4));
    (await ask(put, body))?.complete({ ...limitsOf('first', 3), status: 429, body: { retry_after: 1 } });
    await fuzzed.clock.advance(1_500);
    const last = await ask(put, body);
    const other = await ask(put);
    expect(await ask(remove, body)).toBeUndefined();
    // One request with that field may be in flight at a time, and its route has moved to another bucket.
    other?.complete(limitsOf('second', 4));
    last?.complete(limitsOf('second', 3));
    await fuzzed.clock.advance(MAX_RATE_LIMIT);
    expect([fuzzed.pending, fuzzed.held.length]).toEqual([0, 1]);
    fuzzed.close();
  });

  it('survives arbitrary values', async () => {
    const steps = fc.array(fc.record({ ...CHOICES, answer: arbitraryAnswer }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => void (await playAlone(given))),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (given) => void (await playTogether(given))),
      { numRuns: 200 },
    );
  });
});
