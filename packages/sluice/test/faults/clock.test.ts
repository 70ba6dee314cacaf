import { DiscordModel, type RouteRule } from '@sluice/simulator';
import { describe, expect, it } from 'vitest';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import type { Clock } from '../../src/clock/clock.js';
import { SteadyClock, steady } from '../../src/clock/steady-clock.js';
import { systemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RateLimitTooLongError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import { SteppingClock } from './stepping-clock.js';

const HOUR = 3_600_000;
const PATH = '/channels/1/messages';
const REQUESTS = 40;
const ROUTES: RouteRule[] = [
  { methods: ['POST'], path: '/channels/{channel}/messages', bucket: 'post', limit: 3, period: 1_000, window: 'fixed' },
  { methods: ['GET'], path: '/channels/{channel}/messages', bucket: 'get', limit: 4, period: 900, window: 'sliding' },
];

/** Steps during the first request, within windows, between windows, and twice in a row. */
const POINTS = [[10], [120], [700], [1_500], [100, 101], [50, 800, 1_900, 3_300]];
const STEPS = [5_000, HOUR].flatMap((by) => POINTS.map((points) => [by, points] as const));

interface Played {
  readonly answered: number;
  readonly refused: number;
  readonly errors: readonly unknown[];
}

/** Plays a burst with a manager whose clock steps back. */
class SteppedBurst {
  readonly clock: SteppingClock;
  readonly manager: RESTBucketManager;
  readonly #model = new DiscordModel({ routes: ROUTES, globalLimit: 10 }, { epoch: 0 });
  readonly #played = { answered: 0, refused: 0, errors: [] as unknown[] };

  constructor(by: number, points: readonly number[], wrap: (clock: Clock) => Clock, maxRateLimit: number) {
    this.clock = new SteppingClock(points.map((at) => ({ at, by })));
    this.manager = new RESTBucketManager({ clock: wrap(this.clock), globalLimit: 10, maxRateLimit });
  }

  get played(): Played {
    return this.#played;
  }

  get isOver(): boolean {
    return this.#played.answered + this.#played.errors.length === REQUESTS;
  }

  start(): void {
    for (let mark = 0; mark < REQUESTS; mark++) this.#send(mark).catch((error) => this.#played.errors.push(error));
  }

  /** Checks that every number of every bucket is sane, even just after a step. */
  check(): void {
    const now = this.manager.clock.now();
    for (const bucket of this.manager.realHashesToBuckets.values()) {
      const { limit, remaining, resetAt, period, inFlight } = bucket;
      const shown = { limit, remaining, resetAt, period, inFlight, wait: bucket.timeUntilReset(now) };
      expect(Object.entries(shown).filter(([, value]) => !(value >= 0 && value < Number.POSITIVE_INFINITY))).toEqual(
        [],
      );
    }
  }

  async #send(mark: number): Promise<void> {
    const route = Route.match(mark % 2 === 0 ? 'POST' : 'GET', PATH);
    let permit = await this.manager.acquire(route, { authorization: 'Bot one' });
    while (await this.#isRefused(permit)) permit = await permit.retry();
    this.#played.answered++;
  }

  async #isRefused(permit: Permit): Promise<boolean> {
    const { real } = this.clock;
    const { method } = permit.bucket.route;
    const after = (delay: number) => new Promise<void>((resolve) => real.setTimer(real.now() + delay, resolve));
    await after(40);
    const answer = this.#model.receive({ method, path: PATH, authorization: 'Bot one' }, real.now());
    await after(40);
    const refusal = permit.complete(answer);
    if (refusal) this.#played.refused++;
    return refusal !== undefined;
  }
}

/** Checks the buckets several times a second, until the burst is over or `patience` ms have passed. */
async function playFor(burst: SteppedBurst, patience: number): Promise<void> {
  burst.start();
  while (!burst.isOver && burst.clock.real.now() < patience) {
    const { real } = burst.clock;
    const next = Math.max(real.now() + 150, Math.min(real.nextTimerAt ?? 0, patience));
    await real.advanceTo(next);
    burst.check();
  }
  burst.manager.close();
}

describe('a clock that steps back', () => {
  it.each(STEPS)('by %i ms, at %j: no request hangs, no timer loops', async (by, points) => {
    const burst = new SteppedBurst(by, points, (clock) => clock, 300_000);
    await playFor(burst, points.length * by + 60_000);
    const { answered, errors } = burst.played;
    expect(answered + errors.length).toBe(REQUESTS);
    for (const error of errors) expect(error).toBeInstanceOf(RateLimitTooLongError);
    expect(burst.clock.timersSet).toBeLessThan(10 * REQUESTS);
  });

  it.each(STEPS)(
    'by %i ms, at %j, made steady: every request is answered in time, none refused',
    async (by, points) => {
      const burst = new SteppedBurst(by, points, steady, 300_000);
      await playFor(burst, 30_000);
      expect(burst.played).toEqual({ answered: REQUESTS, refused: 0, errors: [] });
      expect(burst.clock.timersSet).toBeLessThan(10 * REQUESTS);
    },
  );
});

describe('SteadyClock', () => {
  it('continues from its last instant', async () => {
    const stepping = new SteppingClock([{ at: 100, by: HOUR }]);
    const clock = new SteadyClock(stepping);
    const start = clock.now();
    await stepping.real.advance(90);
    expect(clock.now() - start).toBe(90);
    await stepping.real.advance(60);
    expect(clock.now() - start).toBe(90);
    await stepping.real.advance(60);
    expect(clock.now() - start).toBe(150);
  });

  it('fires a deadline once, when it is due', async () => {
    const stepping = new SteppingClock([{ at: 100, by: 5_000 }]);
    const clock = new SteadyClock(stepping);
    const fired: number[] = [];
    const start = clock.now();
    clock.setTimer(start + 200, () => fired.push(clock.now() - start));
    clock.setTimer(start + 200, () => fired.push(-1)).cancel();
    await stepping.real.advance(10_000);
    expect(fired).toEqual([200]);
    expect(stepping.timersSet).toBeLessThan(10);
  });

  it('cancels a deadline that it has rescheduled', async () => {
    const stepping = new SteppingClock([{ at: 100, by: 5_000 }]);
    const clock = new SteadyClock(stepping);
    const timer = clock.setTimer(clock.now() + 200, () => expect.fail('It was cancelled'));
    await stepping.real.advance(250);
    timer.cancel();
    expect(stepping.real.pendingTimers).toBe(0);
  });

  it('never fires before its own time has reached the deadline, whatever the rounding', async () => {
    const stepping = new SteppingClock([{ at: 1, by: 0.1 }]);
    const clock = new SteadyClock(stepping);
    await stepping.real.advance(2);
    for (let count = 0; count < 200; count++) {
      const at = clock.now() + count * 0.1 + 0.3;
      let firedAt = 0;
      clock.setTimer(at, () => {
        firedAt = clock.now();
      });
      await stepping.real.advance(count * 0.1 + 0.5);
      expect(firedAt).toBeGreaterThanOrEqual(at);
    }
  });

  it('exists once per clock; the system clock needs none', () => {
    const clock = new VirtualClock();
    expect(steady(clock)).toBe(steady(clock));
    expect(steady(steady(clock))).toBe(steady(clock));
    expect(steady(new VirtualClock())).not.toBe(steady(clock));
    expect(steady(systemClock)).toBe(systemClock);
  });
});
