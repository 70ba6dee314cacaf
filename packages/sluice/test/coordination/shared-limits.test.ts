import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import { answer } from '../buckets/answers.js';
import { ScriptedStore } from './scripted-store.js';

const MESSAGES = new Route('GET', '/channels/{channel}/messages');
const READ = MESSAGES.compile({ channel: '1' });
/** The name of the bucket before a response shows its hash. */
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

/** Asks for permits, one after the other, and lets everything happen that takes no time. */
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

/** Sends one request, whose response shows the hash and a window of ten that lasts a second. */
async function discover(): Promise<void> {
  await ask(1);
  await reply({ joined: true, buckets: [{ granted: [[0, 1]] }] });
  granted[0]?.complete(answer({ hash: 'abc', limit: 10, remaining: 9, resetAfter: 1 }));
  await clock.advance(0);
  await reply({});
}

describe('SharedLimits', () => {
  it('asks for all waiting requests in one exchange, after the one in flight', async () => {
    await ask(4);
    expect(store.exchanges).toHaveLength(1);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: UNKNOWN, held: 0, want: [[0, 1]] }] });
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    expect(granted).toHaveLength(1);
    expect(store.exchanges).toHaveLength(2);
    expect(store.latest.request).toMatchObject({ buckets: [{ name: UNKNOWN, held: 1, want: [[0, 3]] }] });
  });

  it('reports a response under the new name of the bucket, and gives up the old name', async () => {
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

  it('uses spare grants without another exchange', async () => {
    await discover();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    const { length } = store.exchanges;
    await ask(4);
    expect(granted).toHaveLength(6);
    expect(store.exchanges).toHaveLength(length);
  });

  it('asks again at the time that the store told, and not before', async () => {
    await discover();
    await ask(1);
    await reply({ buckets: [{ wait: 700 }] });
    const { length } = store.exchanges;
    await clock.advance(699);
    expect(store.exchanges).toHaveLength(length);
    await clock.advance(1);
    expect(store.exchanges).toHaveLength(length + 1);
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, want: [[0, 1]] }]);
  });

  it('asks again at the time of news that overtook the reply', async () => {
    await discover();
    await ask(1);
    await tell({ wake: [[KNOWN, 300]] });
    await reply({ buckets: [{ wait: -1 }] });
    const { length } = store.exchanges;
    await clock.advance(300);
    expect(store.exchanges).toHaveLength(length + 1);
  });

  it('does not use grants from before a refusal, even if the news of it overtook the reply', async () => {
    await discover();
    await ask(1);
    await tell({ held: [KNOWN] });
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    expect(granted).toHaveLength(1);
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, held: 0, want: [[0, 1]] }]);
    await reply({ buckets: [{ wait: 2_000, heldFor: 2_000 }] });
    await clock.advance(1_999);
    expect(granted).toHaveLength(1);
  });

  it('gives back unused grants when other processes wait for the bucket', async () => {
    await discover();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 5]] }] });
    await tell({ wanted: [KNOWN] });
    expect(store.latest.request.buckets).toMatchObject([{ name: KNOWN, held: 1 }]);
  });

  it('reports a response that nobody waits for with a heartbeat, once the bucket is out of use', async () => {
    await discover();
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

  it('sends its share while the store cannot be reached, and retries less and less often', async () => {
    await discover();
    await ask(6);
    store.latest.fail('gone');
    await clock.advance(0);
    // Two processes share a window of ten, so each may send five.
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

  it('states all requests in flight when the store is back', async () => {
    await discover();
    await ask(2);
    await reply({ buckets: [{ granted: [[0, 2]] }] });
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(250);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: KNOWN }] });
    const inFlight = granted.length - 1;
    expect(store.latest.request.buckets[0]?.held).toBe(inFlight);
  });

  it('reports all knowledge to a store that has forgotten it', async () => {
    await discover();
    await ask(1);
    await reply({ epoch: 'second', joined: true, buckets: [{ granted: [[0, 1]] }] });
    expect(store.latest.request.routes).toEqual([['GET /channels/{channel}/messages', 'abc']]);
  });

  it('rejects waiting and new requests while the store cannot be reached, with onUnavailable: reject', async () => {
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

  it('does not use a grant that is older than the lease', async () => {
    await discover();
    await ask(1);
    // As if the process had been suspended.
    const exchange = store.latest;
    await clock.advance(9_000);
    exchange.reply({ buckets: [{ granted: [[0, 1]] }] });
    await clock.advance(0);
    expect(granted).toHaveLength(1);
    expect(store.latest.request).toMatchObject({ joins: true, buckets: [{ name: KNOWN, held: 0, want: [[0, 1]] }] });
  });

  it('does not ask again at once when the store grants nothing and does not say when to ask', async () => {
    await ask(1);
    await reply({ joined: true });
    const { length } = store.exchanges;
    await clock.advance(99);
    expect(store.exchanges).toHaveLength(length);
    await clock.advance(1);
    expect(store.exchanges).toHaveLength(length + 1);
    expect(store.latest.request.buckets).toMatchObject([{ want: [[0, 1]] }]);
  });

  it('does not spend an exchange on the end of a request whose response was reported before', async () => {
    await discover();
    await ask(1);
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    manager.updateRateLimits(READ, answer({ hash: 'abc', limit: 10, remaining: 8, resetAfter: 1 }).headers);
    for (let heartbeat = 0; heartbeat < 2; heartbeat++) {
      await clock.advance(3_400);
      await reply({});
    }
    const { length } = store.exchanges;
    granted[1]?.cancel();
    await clock.advance(1_000);
    expect(store.exchanges).toHaveLength(length);
  });

  it('forgets most buckets during a long outage, so that the first exchange after it is not a flood', async () => {
    await discover();
    await ask(1);
    store.latest.fail('gone');
    await clock.advance(0);
    granted.at(-1)?.complete(answer({ hash: 'abc', limit: 10, remaining: 8, resetAfter: 1 }));
    const response = answer({ hash: 'abc', limit: 10, remaining: 9, resetAfter: 1 });
    for (let channel = 2; channel < 10_100; channel++) {
      (await manager.acquire(MESSAGES.compile({ channel: String(channel) }))).complete(response);
    }
    await clock.advance(1_000);
    store.latest.fail('gone');
    await clock.advance(10_000);
    let reported = 0;
    for (let count = 0; count < 3; count++) {
      reported += store.latest.request.buckets.length;
      await reply({});
    }
    expect(reported).toBeLessThan(10);
  });

  it('leaves the store when nothing is held or waited for, and when the manager is closed', async () => {
    await discover();
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
