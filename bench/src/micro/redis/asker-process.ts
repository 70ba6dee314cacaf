// A process that asks a shared limiter for decisions: uses every bucket once, then lets its callers ask without a
// pause, and counts from one order to the next.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { shuffled } from '../identifiers.js';
import { Latencies } from './latencies.js';
import type { MakeSharedLimiter, SharedLimiter } from './limiter.js';
import type { AskerOrder, AskerReport } from './messages.js';
import { loadSharedContender } from './roster.js';

/** The number of buckets that are used for the first time at once. */
const FIRST_MEETINGS = 64;

type Preparation = Extract<AskerOrder, { kind: 'prepare' }>;

class Asker {
  readonly #limiter: SharedLimiter;
  readonly #buckets: Uint32Array;
  readonly #callers: number;
  #latencies = new Latencies();
  #decisions = 0;
  #countsFrom = 0;
  #asked: number;
  #turn: Promise<void> | undefined;

  /** Processes go through the buckets out of step. */
  constructor(limiter: SharedLimiter, { place, callers, options: { buckets, processes } }: Preparation) {
    this.#limiter = limiter;
    this.#buckets = shuffled(buckets);
    this.#callers = callers;
    this.#asked = Math.floor((place * buckets) / processes);
  }

  async meetAll(): Promise<void> {
    let left = this.#buckets.length;
    await together(FIRST_MEETINGS, async () => {
      while (left-- > 0) await this.#limiter.send(this.#nextBucket(), () => {});
    });
  }

  /** Until the process ends. */
  async ask(): Promise<void> {
    await together(this.#callers, async () => {
      for (;;) await this.#decide();
    });
  }

  count(): void {
    this.#latencies = new Latencies();
    this.#decisions = 0;
    this.#countsFrom = performance.now();
  }

  counted(): AskerReport {
    const time = performance.now() - this.#countsFrom;
    return { kind: 'counted', decisions: this.#decisions, time, latencies: this.#latencies.counts };
  }

  async #decide(): Promise<void> {
    const asked = performance.now();
    await this.#limiter.send(this.#nextBucket(), () => this.#latencies.add(performance.now() - asked));
    this.#decisions++;
    // Responds as a network would: a limiter that decides at once must not keep the event loop from turning.
    await this.#answer();
  }

  /** All responses of a turn come together. */
  #answer(): Promise<void> {
    this.#turn ??= nextTurn().then(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  #nextBucket(): number {
    return this.#buckets[this.#asked++ % this.#buckets.length] ?? 0;
  }
}

function together(count: number, run: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run));
}

function report(message: AskerReport, onSent: () => void = () => {}): void {
  process.send?.(message, onSent);
}

let asker: Asker | undefined;

async function prepare(make: MakeSharedLimiter, order: Preparation): Promise<void> {
  asker = new Asker(await make(order.options), order);
  await asker.meetAll();
  report({ kind: 'prepared' });
}

function follow(make: MakeSharedLimiter, order: AskerOrder): void {
  if (order.kind === 'prepare') void prepare(make, order);
  else if (order.kind === 'ask') void asker?.ask();
  else if (order.kind === 'count') asker?.count();
  else if (asker) report(asker.counted(), () => process.exit());
}

const make = await loadSharedContender(process.argv[2] ?? '');
process.on('disconnect', () => process.exit());
process.on('message', (order: AskerOrder) => follow(make, order));
report({ kind: 'loaded' });
