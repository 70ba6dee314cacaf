import { beforeEach, describe, expect, it } from 'vitest';
import { type Permit, type RESTBucketManager, Route } from '../../src/index.js';
import { answer } from '../buckets/answers.js';
import { clock, errorOf, limiter, listen, watch } from '../rig.js';
import { WEBHOOK_TOKEN } from '../routes/tokens.js';
import { ScriptedStore } from './scripted-store.js';

const READ = Route.match('GET', '/channels/1/messages');
const GATEWAY = Route.match('GET', '/gateway');
const WEBHOOK = Route.match('POST', `/webhooks/1/${WEBHOOK_TOKEN}`);
const MAJORS = WEBHOOK.majorParamHash;
const BOT = { authorization: 'Bot secret' };
const UNAUTHORIZED = { status: 401, headers: {}, body: '{"message":"401: Unauthorized","code":0}' };
const UNKNOWN_WEBHOOK = { status: 404, headers: {}, body: '{"message":"Unknown Webhook","code":10015}' };
const OK = { status: 200, headers: {} };

let store: ScriptedStore;
let manager: RESTBucketManager;
beforeEach(() => {
  store = new ScriptedStore();
  manager = limiter({
    coordinator: store,
    concurrency: 'parallel',
    globalLimit: Number.POSITIVE_INFINITY,
    webhookLockDuration: 90_000,
  });
});

/** Lets everything happen that takes no time. */
function settle(): Promise<void> {
  return clock.advance(0);
}

/** Asks for a permit, which the store grants in its next reply. */
async function acquire(route = READ, options = {}): Promise<Permit> {
  const { permits } = watch([manager.acquire(route, options)]);
  await settle();
  await reply({ buckets: [{ granted: [[0, 1]] }] });
  return permits[0] ?? expect.fail('The permit should have been granted');
}

async function reply(...args: Parameters<ScriptedStore['latest']['reply']>): Promise<void> {
  store.latest.reply(...args);
  await settle();
}

async function tell(...args: Parameters<ScriptedStore['tell']>): Promise<void> {
  store.tell(...args);
  await settle();
}

describe('the manager tells other processes', () => {
  it('of a webhook that is gone, for as long as it is locked here', async () => {
    (await acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    await settle();
    expect(store.latest.request.webhooks).toEqual([[MAJORS, 90_000]]);
  });

  it('of a webhook that was unlocked, not that it is locked', async () => {
    (await acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    await settle();
    await reply({});
    expect(manager.unlock({ route: WEBHOOK })).toBe(true);
    await settle();
    expect(store.latest.request.webhooks).toEqual([[MAJORS, 0]]);
  });

  it('of an authorization that is locked, and then that it was unlocked', async () => {
    (await acquire(READ, BOT)).complete(UNAUTHORIZED);
    await settle();
    expect(store.latest.request.lock).toBe(true);
    await reply({});
    manager.unlock(BOT);
    await settle();
    expect(store.latest.request.lock).toBe(false);
  });

  it('of a route without limits', async () => {
    (await acquire(GATEWAY)).complete(OK);
    await settle();
    expect(store.latest.request.routes).toEqual([['GET /gateway', '']]);
  });
});

describe('the manager learns from other processes', () => {
  beforeEach(async () => {
    (await acquire()).complete(answer({ hash: 'abc', limit: 10, remaining: 9 }));
    await settle();
    await reply({});
  });

  it('that a webhook is locked: its requests are rejected for that long, and no longer', async () => {
    await tell({ webhooks: [[MAJORS, 5_000]] });
    expect(await errorOf(manager.acquire(WEBHOOK))).toMatchObject({ name: 'WebhookLockedError' });
    await clock.advance(5_000);
    await reply({});
    await acquire(WEBHOOK);
  });

  it('that a webhook was unlocked: its requests are sent again', async () => {
    await tell({ webhooks: [[MAJORS, 5_000]] });
    await tell({ webhooks: [[MAJORS, 0]] });
    await acquire(WEBHOOK);
  });

  it('that its authorization was locked, and unlocked', async () => {
    (await acquire(READ, BOT)).cancel('unsent');
    await settle();
    // The news go to the authorization that was opened last.
    await tell({ lock: true });
    expect(await errorOf(manager.acquire(READ, BOT))).toMatchObject({ name: 'AuthorizationLockedError' });
    await tell({ lock: false });
    await acquire(READ, BOT);
  });

  it('the bucket hash of a route: its first request counts in that bucket', async () => {
    await tell({ routes: [['GET /gateway', 'def']] });
    await acquire(GATEWAY);
    expect(store.exchanges.at(-1)?.request.buckets).toMatchObject([{ hash: 'def', want: [[0, 1]] }]);
  });

  it('that a route has no limits: its requests leave without asking the store', async () => {
    await tell({ routes: [['GET /gateway', '']] });
    expect(manager.getBucket(GATEWAY).isUnlimited).toBe(true);
    const { length } = store.exchanges;
    const { granted } = watch(Array.from({ length: 20 }, () => manager.acquire(GATEWAY)));
    await settle();
    expect(granted).toHaveLength(20);
    expect(store.exchanges).toHaveLength(length);
  });

  it('that a route without limits has got one: its requests ask the store again', async () => {
    await tell({ routes: [['GET /gateway', '']] });
    await tell({ routes: [['GET /gateway', 'def']] });
    const { granted } = watch([manager.acquire(GATEWAY)]);
    await settle();
    expect(granted).toEqual([]);
    expect(store.latest.request.buckets).toMatchObject([{ hash: 'def', want: [[0, 1]] }]);
    await reply({ buckets: [{ granted: [[0, 1]] }] });
    expect(granted).toEqual([0]);
  });
});

describe('the events of the manager', () => {
  it('tell when the store is lost, with the reason and once, and when it is back', async () => {
    const told = listen(manager, 'coordinatorJoined', 'coordinatorLost');
    (await acquire()).cancel('unsent');
    await clock.advance(5_000);
    store.latest.fail('gone');
    await clock.advance(250);
    store.latest.fail('gone');
    await clock.advance(500);
    await reply({ joined: true });
    const authentication = expect.any(String);
    expect(told).toEqual([
      ['coordinatorJoined', { authentication }],
      ['coordinatorLost', { authentication, reason: 'gone' }],
      ['coordinatorJoined', { authentication }],
    ]);
  });
});
