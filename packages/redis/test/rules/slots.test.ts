import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slots } from '../../../sluice/src/coordination/slots.js';
import { GLOBAL_PERIOD, GlobalLimit } from '../../../sluice/src/rules/global-limit.js';
import { luaPlayer, RUNS } from './lua-player.js';

/** The slots of all processes, as slots.lua keeps them. */
interface LuaState {
  readonly processes: Readonly<Record<string, unknown>>;
  readonly cooling: unknown;
}

interface Exchange {
  readonly state: LuaState;
  readonly me: string;
  readonly now: number;
  readonly limit: number;
  readonly held: number;
  readonly inFlight: number;
  readonly spare: number;
  readonly line: number;
  readonly returned: readonly number[];
}

interface Outcome {
  readonly state: LuaState;
  /** The slots of each process. */
  readonly owned: Readonly<Record<string, number>>;
  /** In how many ms each granted slot is free. */
  readonly slots: readonly number[] | Record<string, never>;
  readonly share?: number;
  readonly hasUnmetDemand: boolean;
  /** News for the other processes. */
  readonly called?: readonly string[];
  readonly keep?: number;
}

/** What exchange.lua does about the global limit. */
const exchangeInLua = luaPlayer<Exchange, Outcome>(
  'slots.lua',
  `
    local state, me, now = given.state, given.me, given.now
    state.processes[me] = state.processes[me] or new_process()
    drop_cooled(state, now)
    local process = state.processes[me]
    process[OWNED], process[IN_FLIGHT] = given.held, given.inFlight
    for _, free_in in ipairs(given.returned) do
      if free_in > 0 then cool(state, now + free_in, 1) end
    end
    table.sort(state.cooling)
    local slots = grant_slots(state, me, given.limit, math.max(0, given.line - given.spare), now)
    local news = {}
    local share = balance_slots(state, me, given.limit, news, now)
    local owned = {}
    for pid, each in pairs(state.processes) do owned[pid] = each[OWNED] end
    return {
      owned = owned, state = state, slots = slots, share = share, hasUnmetDemand = process[WANTED] > 0, called = news.slots, keep = news.share,
    }`,
);

/** One limit for the requests of all processes, kept by somebody who sees them all. */
class Reference {
  readonly #limit: number;
  #inFlight = 0;
  readonly #ends: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Requests that may leave: a slot is free again one period after the answer to its last use. */
  room(now: number): number {
    return this.#limit - this.#inFlight - this.#ends.filter((end) => end + GLOBAL_PERIOD > now).length;
  }

  leave(): void {
    this.#inFlight++;
  }

  end(now: number): void {
    this.#inFlight--;
    this.#ends.push(now);
  }
}

/** A process with requests that wait for nothing but slots. */
class Process {
  readonly name: string;
  readonly limit: GlobalLimit;
  readonly slots: Slots;
  demand = 0;

  constructor(name: string, limit: number, clock: { now(): number }) {
    this.name = name;
    this.limit = new GlobalLimit(limit);
    const demand = () => this.demand;
    const gate = {
      limit: this.limit,
      get demand() {
        return demand();
      },
      serve() {},
    };
    this.slots = new Slots(gate, { ...clock, setTimer: () => ({ cancel() {} }) });
  }
}

class Fleet {
  now = 10_000;
  readonly processes: readonly Process[];
  readonly #limit: number;
  readonly #reference: Reference;
  #state: LuaState = { processes: {}, cooling: {} };

  constructor(limit: number, count: number) {
    this.#limit = limit;
    this.#reference = new Reference(limit);
    const clock = { now: () => this.now };
    this.processes = Array.from({ length: count }, (_, index) => new Process(`p${index}`, limit, clock));
  }

  /** Lets requests leave for as long as the process has free slots. */
  serve(process: Process): void {
    while (process.demand > 0 && process.limit.waitFor(this.now) === 0) {
      expect(this.#reference.room(this.now), 'a slot that was free').toBeGreaterThanOrEqual(1);
      process.demand--;
      process.limit.take();
      this.#reference.leave();
    }
  }

  end(process: Process): void {
    if (process.limit.inFlight === 0) return;
    process.limit.end(this.now);
    process.slots.noteUse();
    this.#reference.end(this.now);
  }

  async exchange(process: Process): Promise<void> {
    const { global } = process.slots.compose(true, false, this.now);
    if (global === undefined) throw new Error('the process keeps a global limit');
    const { now } = this;
    const outcome = await exchangeInLua({ ...global, state: this.#state, me: process.name, now });
    this.#state = outcome.state;
    const { share, hasUnmetDemand, slots } = outcome;
    const reply = { hasUnmetDemand, ...(share !== undefined && { share }), slots: Object.values(slots) };
    process.slots.note({ ...reply, now, epoch: '', processes: 1, buckets: [] });
    process.slots.own({ ...reply, now, epoch: '', processes: 1, buckets: [] }, now);
    this.#tell(process, outcome);
    this.serve(process);
    this.#check(outcome.owned);
  }

  /** Lets all processes exchange for as long as any has a reason to. */
  async settle(): Promise<void> {
    for (let round = 0; round < 4 * this.processes.length; round++) {
      for (const process of this.processes) {
        if (process.slots.areWanted || process.slots.hasSurplus) await this.exchange(process);
      }
    }
    const isWaiting = this.processes.some(({ demand }) => demand > 0);
    // The store counts in whole ms, later rather than earlier.
    if (isWaiting)
      expect(this.#reference.room(this.now - 2), 'no slot is idle while a request waits').toBeLessThanOrEqual(0);
  }

  /** Lets time pass in small steps, in each of which all that can happen happens. */
  async pass(steps: number, endsAtOnce = false): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.now += 50;
      for (const process of this.processes) {
        while (endsAtOnce && process.limit.inFlight > 0) this.end(process);
        this.serve(process);
      }
      await this.settle();
    }
  }

  #tell(from: Process, { called = [], keep }: Outcome): void {
    for (const process of this.processes) {
      if (process === from) continue;
      if (keep !== undefined) process.slots.onShare(keep);
      if (called.includes(process.name)) process.slots.onOffer();
    }
  }

  #check(known: Outcome['owned']): void {
    for (const { name, limit } of this.processes) expect(known[name] ?? 0, `the slots of ${name}`).toBe(limit.owned);
    expect(Object.values(known).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(this.#limit);
  }
}

type Step =
  | { readonly type: 'want'; readonly who: number; readonly count: number }
  | { readonly type: 'end' | 'exchange'; readonly who: number }
  | { readonly type: 'pause'; readonly tenths: number }
  | { readonly type: 'settle' };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('want' as const), who, count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ type: fc.constant('end' as const), who }),
  fc.record({ type: fc.constant('end' as const), who }),
  fc.record({ type: fc.constant('exchange' as const), who }),
  fc.record({ type: fc.constant('pause' as const), tenths: fc.integer({ min: 1, max: 12 }) }),
  fc.constant({ type: 'settle' as const }),
);

async function play(fleet: Fleet, { type, ...step }: Step): Promise<void> {
  const { who: index = 0, count = 0, tenths = 0 } = step as { who?: number; count?: number; tenths?: number };
  const process = fleet.processes[index % fleet.processes.length] as Process;
  if (type === 'settle') return fleet.settle();
  if (type === 'pause') fleet.now += tenths * 100;
  if (type === 'want') process.demand += count;
  if (type === 'end') fleet.end(process);
  if (type === 'exchange') await fleet.exchange(process);
  for (const each of fleet.processes) fleet.serve(each);
}

describe('the slots of slots.lua', () => {
  it.each([1, 2, 3])(
    'of %d processes admit what one limit for all of them admits, and leave none idle',
    async (count) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.array(step, { maxLength: 25 }), async (limit, steps) => {
          const fleet = new Fleet(limit, count);
          for (const each of steps) await play(fleet, each);
          await fleet.settle();
        }),
        RUNS,
      );
    },
  );

  it.each([2, 3, 4])('go around among %d processes that always want more, so that none starves', async (count) => {
    for (const limit of [1, 2, 3, 5, 7, 10]) {
      const fleet = new Fleet(limit, count);
      for (const process of fleet.processes) process.demand = 1_000;
      await fleet.settle();
      await fleet.pass(20 * 12, true);
      const served = fleet.processes.map(({ demand }) => 1_000 - demand);
      const equal = served.reduce((sum, each) => sum + each, 0) / count;
      expect(Math.min(...served), served.join(', ')).toBeGreaterThanOrEqual(equal / 2);
    }
  });
});
