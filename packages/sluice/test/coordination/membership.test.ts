import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Permit } from '../../src/buckets/permit.js';
import { RESTBucketManager } from '../../src/buckets/rest-bucket-manager.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { Route } from '../../src/routes/route.js';
import { answer } from '../buckets/answers.js';
import { ScriptedStore } from './scripted-store.js';

const READ = new Route('GET', '/channels/{channel}/messages').compile({ channel: '1' });
/** What the store knows the bucket by before anybody has been answered. */
const UNKNOWN = 'UNKNOWN;1;GET /channels/{channel}/messages';
const KNOWN = 'abc;1';

let clock: VirtualClock;
let store: ScriptedStore;
let manager: RESTBucketManager;
let granted: Permit[];
let errors: unknown[];

beforeEach(() => start(new ScriptedStore()));
afterEach(async () => {
  manager.close();
  for (const { fail } of store.exchanges) fail('the test is over');
  await clock.advance(0);
  expect(clock.pendingTimers).toBe(0);
});

function start(scripted: ScriptedStore): void {
  clock = new VirtualClock(5_000);
  store = scripted;
  granted = [];
  errors = [];
  manager = new RESTBucketManager({
    clock,
    coordinator: store,
    concurrency: 'parallel',
    globalLimit: Number.POSITIVE_INFINITY,
  });
}

/** Asks for so many permits, and waits until nothing more happens by itself. */
async function ask(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    manager.acquire(READ).then(
      (permit) => granted.push(permit),
      (error: unknown) => errors.push(error),
    );
    await clock.advance(0);
  }
}

async function reply(...args: Parameters<ScriptedStore['latest']['reply']>): Promise<void> {
  store.latest.reply(...args);
  await clock.advance(0);
}

async function tell(...args: Parameters<ScriptedStore['tell']>): Promise<void> {
  store.tell(...args);
  await clock.advance(0);
}

/** One request finds out about the bucket, in a window of ten that lasts a second. */
async function findOut(): Promise<void> {
  await ask(1);
  await reply({ joined: true, buckets: [{ granted: [[0, 1]] }] });
  granted[0]?.complete(answer({ hash: 'abc', limit: 10, remaining: 9, resetAfter: 1 }));
  await clock.advance(0);
  await reply({});
}

describe('a membership', () => {
  it('asks for all that waits in one exchange, while another is under way', async () => {
    await ask(4);
    expect(store.exchanges).toHaveLength(1);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: UNKNOWN, held: 0, want: [[0, 1]] }] });
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    expect(granted).toHaveLength(1);
    expect(store.exchanges).toHaveLength(2);
    expect(store.latest.request).toMatchObject({ buckets: [{ name: UNKNOWN, held: 1, want: [[0, 3]] }] });
  });

  it('tells what it has learned under the name that the bucket has got, and gives up the old one', async () => {
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    granted[0]?.complete(answer({ hash: 'abc', limit: 10, remaining: 9, resetAfter: 1 }));
    await clock.advance(0);
    const { routes, buckets } = store.latest.request;
    expect(routes).toEqual([['GET /channels/{channel}/messages', 'abc']]);
    expect(buckets).toMatchObject([
      { name: KNOWN, formerly: UNKNOWN, held: 0, reports: [{ limit: 10, remaining: 9, resetAfter: 1_000, age: 0 }] },
      { name: UNKNOWN, held: 0 },
    ]);
  });

  it('uses what was granted to spare without asking', async () => {
    await findOut();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    const { length } = store.exchanges;
    await ask(4);
    expect(granted).toHaveLength(6);
    expect(store.exchanges).toHaveLength(length);
  });

  it('asks again when it is told to, and not before', async () => {
    await findOut();
    await ask(1);
    await reply({ buckets: [{ wait: 700 }] });
    const { length } = store.exchanges;
    await clock.advance(699);
    expect(store.exchanges).toHaveLength(length);
    await clock.advance(1);
    expect(store.exchanges).toHaveLength(length + 1);
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, want: [[0, 1]] }]);
  });

  it('asks when news tell, even if these overtake the reply that tells to wait for them', async () => {
    await findOut();
    await ask(1);
    await tell({ wake: [[KNOWN, 300]] });
    await reply({ buckets: [{ wait: -1 }] });
    const { length } = store.exchanges;
    await clock.advance(300);
    expect(store.exchanges).toHaveLength(length + 1);
  });

  it('does not use what was granted before a refusal of which news have told, even if these overtake the reply', async () => {
    await findOut();
    await ask(1);
    await tell({ held: [KNOWN] });
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    expect(granted).toHaveLength(1);
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, held: 0, want: [[0, 1]] }]);
    await reply({ buckets: [{ wait: 2_000, heldFor: 2_000 }] });
    await clock.advance(1_999);
    expect(granted).toHaveLength(1);
  });

  it('gives back what it does not use when others want it', async () => {
    await findOut();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    await tell({ wanted: [KNOWN] });
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, held: 1 }]);
  });

  it('tells of an end that nobody waits for with a heartbeat, once the bucket is not in use any more', async () => {
    await findOut();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    const { length } = store.exchanges;
    granted[1]?.complete(answer({ hash: 'abc', limit: 10, remaining: 8, resetAfter: 1 }));
    await clock.advance(1_000);
    expect(store.exchanges).toHaveLength(length);
    await clock.advance(3_000);
    expect(store.latest.request.buckets).toEqual([]);
    await reply({});
    await clock.advance(3_400);
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, held: 0, reports: [{ remaining: 8 }] }]);
  });

  it('counts the request that found out about a bucket in its share of the first window', async () => {
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(0);
    granted[0]?.complete(answer({ hash: 'abc', limit: 10, remaining: 9, resetAfter: 1 }));
    await clock.advance(0);
    await ask(9);
    // Five of ten for each of two processes, the first request among them.
    expect(granted).toHaveLength(5);
    await clock.advance(999);
    expect(granted).toHaveLength(5);
    await clock.advance(10);
    expect(granted.length).toBeGreaterThan(5);
  });

  it('uses its share once in a window that proves longer than the rest of the first one', async () => {
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(0);
    granted[0]?.complete(answer({ hash: 'abc', limit: 10, remaining: 5, resetAfter: 0.1 }));
    await clock.advance(0);
    await ask(19);
    expect(granted).toHaveLength(5);
    await clock.advance(200);
    for (const [used, permit] of granted.slice(1, 5).entries()) {
      permit.complete(answer({ hash: 'abc', limit: 10, remaining: 9 - used, resetAfter: 1 }));
    }
    await clock.advance(0);
    const before = granted.length;
    await clock.advance(900);
    expect(granted.length - before).toBeLessThanOrEqual(1);
    await clock.advance(200);
    expect(granted.length).toBeGreaterThan(before + 1);
  });

  it('goes on with its share while the store cannot be reached, and tries again less and less often', async () => {
    await findOut();
    await ask(6);
    store.latest.fail('gone');
    await clock.advance(0);
    // Two processes share a window of ten.
    expect(granted.length - 1).toBeLessThanOrEqual(5);
    expect(granted.length - 1).toBeGreaterThan(0);
    const tries: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const { length } = store.exchanges;
      const since = clock.now();
      while (store.exchanges.length === length) await clock.advance(1);
      tries.push(clock.now() - since);
      store.latest.fail('gone');
      await clock.advance(0);
    }
    expect(tries[0]).toBeLessThanOrEqual(200);
    expect(tries.at(-1)).toBeGreaterThanOrEqual(2_000);
    expect(tries.at(-1)).toBeLessThanOrEqual(4_000);
  });

  it('tells of all that is under way when the store is back', async () => {
    await findOut();
    await ask(2);
    await reply({ buckets: [{ granted: [[0, 2]] }] });
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(250);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: KNOWN }] });
    const underWay = granted.length - 1;
    expect(store.latest.request.buckets[0]?.held).toBe(underWay);
  });

  it('tells a store that has forgotten all what it knows', async () => {
    await findOut();
    await ask(1);
    await reply({ epoch: 'second', joined: true, buckets: [{ granted: [[0, 1]] }] });
    expect(store.latest.request.routes).toEqual([['GET /channels/{channel}/messages', 'abc']]);
  });

  it('rejects what waits and what comes while the store cannot be reached, if that is wanted', async () => {
    manager.close();
    start(new ScriptedStore('reject'));
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(0);
    await ask(1);
    expect(errors).toMatchObject([
      { name: 'CoordinatorUnavailableError', route: 'GET /channels/1/messages' },
      { name: 'CoordinatorUnavailableError' },
    ]);
  });

  it('does not use what was granted longer ago than its lease', async () => {
    await findOut();
    await ask(1);
    // As if the process had been suspended.
    const under = store.latest;
    await clock.advance(9_000);
    under.reply({ buckets: [{ granted: [[0, 1]] }] });
    await clock.advance(0);
    expect(granted).toHaveLength(1);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: KNOWN, held: 0, want: [[0, 1]] }] });
  });

  it('leaves when nothing is held or waited for, and when it is closed', async () => {
    await findOut();
    await clock.advance(3_400);
    await reply({});
    await clock.advance(3_400);
    expect(store.latest.request).toMatchObject({ leaves: true, buckets: [] });
    await reply({});
    const { length } = store.exchanges;
    await clock.advance(60_000);
    expect(store.exchanges).toHaveLength(length);
    manager.close();
    expect(store.isOpen).toBe(false);
  });
});
