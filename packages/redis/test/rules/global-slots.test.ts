import { describe, expect, it } from 'vitest';
import { LEASE, storeProcesses } from './store-processes.js';

const processes = storeProcesses();

it('a slot that was used a moment ago is not free at once when the reply that gave it is lost', async () => {
  const redis = processes();
  const [first, second] = [redis.start(), redis.start()];
  await first.slots({ limit: 2, line: 2 });
  await first.slots({ limit: 2, returned: [1_000, 1_000] });
  // Its reply is lost: the next exchange of the process states that it owns nothing.
  await first.slots({ limit: 2, line: 2 });
  redis.now += 100;
  await first.slots({ limit: 2 });
  const { slots } = await second.slots({ limit: 2, line: 2 });
  expect(slots).toEqual([901, 901]);
});

it('slots of a process that is gone are free a second after its lease, as it may have been only slow', async () => {
  const redis = processes();
  const [first, second] = [redis.start(), redis.start()];
  await first.slots({ limit: 4, line: 4 });
  redis.now += LEASE + 1;
  const { slots } = await second.slots({ limit: 4, line: 4 });
  expect(slots).toEqual([1_000, 1_000, 1_000, 1_000]);
});

it('no slot is kept for a process that does not want it', async () => {
  const redis = processes();
  const [first, second, third] = [redis.start(), redis.start(), redis.start()];
  await first.slots({ limit: 13, line: 12 });
  await second.slots({ limit: 13, line: 1 });
  await second.slots({ limit: 13, held: 1, inFlight: 1, line: 1 });
  await third.slots({ limit: 13, line: 10 });
  redis.now += 1;
  await first.slots({ limit: 13, held: 5, inFlight: 5, line: 10, returned: new Array(7).fill(0) });
  redis.now += 1;
  // Five are its share, one is for the second process, and one is left over.
  const { slots = [] } = await third.slots({ limit: 13, line: 10 });
  expect(slots.length).toBe(6);
});

describe('where there are fewer slots than processes that want them', () => {
  it('a process whose turn it is again is called again', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    const [nothing, one] = [{ limit: 1 }, { limit: 1, line: 1 }];
    await first.slots(one);
    await second.slots(one);
    await first.slots({ ...one, returned: [0] });
    expect(second.takeNews()).toContainEqual({ slots: true });
    redis.now += 1;
    expect((await second.slots(one)).slots).toEqual([0]);
    await second.slots({ ...nothing, returned: [0] });
    redis.now += 1;
    expect((await first.slots(one)).slots).toEqual([0]);
    await second.slots(one);
    second.takeNews();
    redis.now += 1;
    await first.slots({ ...one, returned: [0] });
    expect(second.takeNews()).toContainEqual({ slots: true });
  });

  it('a process that does not come when it is called lets the next one have its turn', async () => {
    const redis = processes();
    const [first, second, third] = [redis.start(), redis.start(), redis.start()];
    const one = { limit: 1, line: 1 };
    await third.slots(one);
    await third.slots({ limit: 1, returned: [0] });
    redis.now += 1;
    for (const process of [first, second, third]) await process.slots(one);
    await first.slots({ ...one, returned: [0] });
    third.takeNews();
    // The second process, which has never had a slot, was called.
    redis.now += 251;
    expect((await first.slots(one)).slots).toBeUndefined();
    expect(third.takeNews()).toContainEqual({ slots: true });
    expect((await third.slots(one)).slots).toEqual([0]);
  });

  it('the slot goes around, each time to the process that has waited longest', async () => {
    const redis = processes();
    const all = [redis.start(), redis.start(), redis.start()] as const;
    const one = { limit: 1, line: 1 };
    for (const process of all) await process.slots(one);
    const order: number[] = [];
    for (let owner = 0, round = 0; round < 7; round++) {
      redis.now += 1;
      await all[owner]?.slots({ ...one, returned: [0] });
      const called = all.findIndex((process) => process.takeNews().some(({ slots }) => slots));
      expect((await all[called]?.slots(one))?.slots).toEqual([0]);
      for (const process of all) process.takeNews();
      order.push(called);
      owner = called;
    }
    expect(order.slice(3)).toEqual(order.slice(0, 4));
    expect(new Set(order).size).toBe(3);
  });
});
