import type { BucketSet } from '../buckets/bucket-set.js';
import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';
import type { Authentication } from './authentication.js';
import type { GCPass } from './gc-pass.js';
import { type GCState, gcState } from './gc-state.js';
import type { Tell } from './tell.js';

/** The longest time for which a step in the background holds the event loop, in ms. */
const LONGEST_STEP: Duration = 2;
/** Buckets that are judged between two readings of the clock. */
const BATCH = 256;
/** Idle routes, and idle authentications, that are remembered for what they have learned. */
const MOST_ROUTES = 10_000;
const MOST_AUTHENTICATIONS = 1_000;

/** The parts of its manager that a collector works with. */
export interface CollectorContext {
  readonly clock: Clock;
  readonly authentications: ReadonlyMap<string, Authentication>;
  readonly tell: Tell;
  forget(authentication: Authentication): void;
  expireLocks(): void;
}

/** Takes away the buckets, routes and authentications that have become stale, in steps between other work. */
export class Collector {
  readonly #context: CollectorContext;
  #timer: Timer | undefined;
  #looked = 0;

  constructor(context: CollectorContext) {
    this.#context = context;
  }

  /** Whether it runs in the background. */
  get isStarted(): boolean {
    return this.#timer !== undefined;
  }

  /** Runs in the background from now on: a pass each `pollPeriod`. */
  start(pollPeriod: Duration, expireAfter: Duration): void {
    const { clock } = this.#context;
    const collect = (steps: Generator<void, GCPass>) => {
      const end = clock.now() + LONGEST_STEP;
      let step = steps.next();
      while (!step.done && clock.now() < end) step = steps.next();
      if (step.done) this.start(pollPeriod, expireAfter);
      else this.#setTimer(0, () => collect(steps));
    };
    this.#setTimer(pollPeriod, () => collect(this.#steps(expireAfter)));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Makes a whole pass at once. */
  pass(expireAfter: Duration): GCPass {
    const steps = this.#steps(expireAfter);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  #setTimer(delay: Duration, callback: () => void): void {
    const { clock } = this.#context;
    // The collection of garbage alone does not keep a process alive.
    this.#timer = clock.setTimer(clock.now() + delay, callback, { keepsProcessAlive: false });
  }

  *#steps(expireAfter: Duration): Generator<void, GCPass> {
    const { clock, authentications, tell, expireLocks } = this.#context;
    const pass = { active: 0, survival: 0, dead: 0 };
    for (const authentication of authentications.values()) {
      const { directory } = authentication;
      for (const set of directory.sets()) yield* this.#collectFrom(set, expireAfter, pass);
      for (const _ of directory.collectRestored(expireAfter, clock.now())) if (this.#endsBatch()) yield;
      directory.forgetRoutes(MOST_ROUTES);
    }
    this.#forgetAuthentications();
    expireLocks();
    tell('gcPass', () => pass);
    return pass;
  }

  *#collectFrom(set: BucketSet, expireAfter: Duration, pass: Record<GCState, number>): Generator<void> {
    const { clock, tell } = this.#context;
    for (const [majorKey, bucket] of set) {
      const isInUse = bucket.permits !== undefined || !bucket.isEmpty;
      const state = gcState(isInUse, bucket.state.idleAt, expireAfter, clock.now());
      pass[state]++;
      if (state === 'dead') {
        set.delete(majorKey);
        tell('bucketCollected', () => ({ bucket: bucket.name }));
      }
      if (this.#endsBatch()) yield;
    }
  }

  #endsBatch(): boolean {
    return ++this.#looked % BATCH === 0;
  }

  #forgetAuthentications(): void {
    const { clock, authentications, forget } = this.#context;
    if (authentications.size <= MOST_AUTHENTICATIONS) return;
    const now = clock.now();
    for (const authentication of authentications.values()) if (authentication.isIdle(now)) forget(authentication);
  }
}
