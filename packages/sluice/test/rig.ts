import { afterEach, beforeEach, expect } from 'vitest';
import { type ManagerEvents, type ManagerOptions, type Permit, RESTBucketManager } from '../src/index.js';
import { VirtualClock } from '../src/testing.js';

/**
 * The test's own clock. A file that imports it needs no hooks: after each test its managers are closed, every watched
 * promise must have ended by then, and no timer may be left.
 */
export let clock: VirtualClock;
const managers: RESTBucketManager[] = [];
const watched: Outcomes<unknown>[] = [];

beforeEach(() => startClock(1_000));

afterEach(async () => {
  for (const manager of managers.splice(0)) manager.close();
  await clock.advance(0);
  const hanging = watched.splice(0).reduce((sum, { pending }) => sum + pending, 0);
  expect({ hanging, timers: clock.pendingTimers }).toEqual({ hanging: 0, timers: 0 });
});

/** Gives the test another clock, which shows `now`. */
export function startClock(now: number): void {
  clock = new VirtualClock(now);
}

/** A manager on the test's clock. */
export function limiter(options: ManagerOptions = {}): RESTBucketManager {
  const manager = new RESTBucketManager({ clock, ...options });
  managers.push(manager);
  return manager;
}

/** The ends of some promises up to now, each list in the order in which they ended. */
export class Outcomes<T> {
  /** The fulfilled promises, by their place among all of them. */
  readonly granted: number[] = [];
  readonly permits: T[] = [];
  readonly errors: unknown[] = [];
  readonly #count: number;

  constructor(promises: readonly Promise<T>[]) {
    this.#count = promises.length;
    promises.forEach((promise, index) => {
      promise.then(
        (permit) => {
          this.granted.push(index);
          this.permits.push(permit);
        },
        (error: unknown) => this.errors.push(error),
      );
    });
  }

  get pending(): number {
    return this.#count - this.granted.length - this.errors.length;
  }
}

/** Follows promises, usually of permits, for the rest of the test. */
export function watch<T = Permit>(promises: readonly Promise<T>[]): Outcomes<T> {
  const outcomes = new Outcomes(promises);
  watched.push(outcomes);
  return outcomes;
}

/** Makes `count` requests for permits, and lets everything happen that takes no time. */
export async function ask(count: number, request: (index: number) => Promise<Permit>): Promise<Outcomes<Permit>> {
  const outcomes = watch(Array.from({ length: count }, (_, index) => request(index)));
  await clock.advance(0);
  return outcomes;
}

/** Lets time pass until nothing is left to happen, by when all promises must be fulfilled. Returns their values. */
export async function settle<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = watch(promises);
  await clock.runAll();
  expect({ errors: outcomes.errors, pending: outcomes.pending }).toEqual({ errors: [], pending: 0 });
  return Promise.all(promises);
}

/** The reason for which a promise is rejected. */
export function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('The promise should have been rejected'),
    (error: Error) => error,
  );
}

/** A list of the events of these names, which grows with each. */
export function listen(
  manager: RESTBucketManager,
  ...names: (keyof ManagerEvents)[]
): [name: string, event: Record<string, unknown>][] {
  const events: [string, Record<string, unknown>][] = [];
  for (const name of names) manager.on(name, (event: object) => events.push([name, { ...event }]));
  return events;
}
