import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { StoreReply } from '../../src/coordination/coordinator.js';
import { Slots } from '../../src/coordination/slots.js';
import { GlobalLimit } from '../../src/rules/global-limit.js';

const REPLY: StoreReply = { now: 0, epoch: 'e', processes: 2, buckets: [] };

let clock: VirtualClock;
let limit: GlobalLimit;
let gate: { limit: GlobalLimit; demand: number; serve: () => void };
let slots: Slots;
beforeEach(() => {
  clock = new VirtualClock(10_000);
  limit = new GlobalLimit(50);
  gate = { limit, demand: 0, serve: () => {} };
  slots = new Slots(gate, clock);
});

/** Sends requests, each with a response at once. */
function use(count: number): void {
  for (let index = 0; index < count; index++) {
    limit.take();
    limit.end(clock.now());
    slots.noteUse();
  }
}

function own(count: number): void {
  slots.own({ ...REPLY, slots: new Array<number>(count).fill(0) }, clock.now());
}

function composed(isShared = true, leaves = false) {
  return slots.compose(isShared, leaves, clock.now()).global;
}

describe('Slots', () => {
  it('are none at first: the store grants the first ones', () => {
    expect(limit.available(clock.now())).toBe(0);
    expect(slots.areIdle).toBe(true);
  });

  it('count as used, for a store that this process joins, while in flight and one second longer', () => {
    const alone = new GlobalLimit(50);
    alone.take();
    alone.take();
    alone.end(9_400);
    gate.limit = alone;
    gate.demand = 3;
    expect(composed(false)).toMatchObject({ held: 0, inFlight: 1, line: 3, returned: [400, 1_000] });
  });

  it('are stated to the store: owned, free, and wanted besides', () => {
    own(10);
    use(4);
    gate.demand = 2;
    expect(composed()).toMatchObject({ limit: 50, held: 10, spare: 4, line: 0, returned: [] });
    gate.demand = 9;
    expect(composed()).toMatchObject({ spare: 0, line: 3 });
  });

  it('are asked for once, until news offer some', () => {
    gate.demand = 1;
    expect(slots.areWanted).toBe(true);
    slots.note({ ...REPLY, hasUnmetDemand: true });
    expect(slots.areWanted).toBe(false);
    slots.onOffer();
    expect(slots.areWanted).toBe(true);
  });

  it('stay here while no other process wants any', () => {
    own(10);
    expect(slots.hasSurplus).toBe(false);
    expect(composed()).toMatchObject({ held: 10, returned: [] });
  });

  it('go back when other processes want them and no request here does', () => {
    own(10);
    slots.onShare(25);
    expect(slots.hasSurplus).toBe(true);
    expect(composed()).toMatchObject({ held: 0, returned: new Array(10).fill(0) });
    expect(slots.hasSurplus).toBe(false);
  });

  it('go back beyond the share, except one that goes back after its use', () => {
    own(10);
    gate.demand = 20;
    slots.onShare(4);
    expect(composed()).toMatchObject({ held: 5, returned: [0, 0, 0, 0, 0] });
    slots.note({ ...REPLY, share: 4 });
    expect(slots.hasSurplus).toBe(false);
    use(1);
    expect(slots.hasSurplus).toBe(true);
    expect(composed()).toMatchObject({ held: 4, returned: [1_000] });
    use(1);
    expect(slots.hasSurplus).toBe(false);
  });

  it('go back after each use when there are more processes than slots', () => {
    own(1);
    gate.demand = 5;
    slots.note({ ...REPLY, share: 0 });
    expect(composed()).toMatchObject({ held: 1, returned: [] });
    slots.note({ ...REPLY, share: 0 });
    use(1);
    expect(composed()).toMatchObject({ held: 0, returned: [1_000] });
  });

  it('go back when the process leaves', () => {
    own(3);
    use(1);
    expect(composed(true, true)).toMatchObject({ held: 0, returned: [0, 0, 1_000] });
  });

  it('follow news that overtook a reply, until the next exchange', () => {
    own(10);
    composed();
    slots.onShare(3);
    slots.note(REPLY);
    expect(slots.hasSurplus).toBe(true);
    composed();
    slots.note(REPLY);
    own(5);
    expect(slots.hasSurplus).toBe(false);
  });

  it('grow to the offline share after a second, when the store is lost', () => {
    own(10);
    slots.ownShare(2);
    expect([limit.owned, limit.available(10_000), limit.available(11_000)]).toEqual([25, 10, 25]);
    slots.disown(10_000);
    expect(limit.owned).toBe(0);
  });

  it('shrink to the offline share, when the store is lost while this process owns more', () => {
    own(40);
    slots.ownShare(2);
    expect([limit.owned, limit.available(clock.now())]).toEqual([25, 25]);
  });

  it('are not stated without a global limit', () => {
    const none = new Slots({ limit: undefined, demand: 0, serve: () => {} }, clock);
    expect(none.compose(true, false, 0)).toEqual({});
    expect([none.areIdle, none.hasSurplus, none.areWanted]).toEqual([true, false, false]);
  });
});
