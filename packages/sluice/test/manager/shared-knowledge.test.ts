import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthorizationLockedError,
  type LimitsSource,
  type RESTBucketManager,
  Route,
  WebhookLockedError,
} from '../../src/index.js';
import { answer, refused } from '../buckets/answers.js';
import { history, messages } from '../buckets/requests.js';
import { type ScriptedExchange, ScriptedStore } from '../coordination/scripted-store.js';
import { ask, clock, errorOf, limiter, listen } from '../rig.js';
import { WEBHOOK_TOKEN } from '../routes/tokens.js';

const BOT = { authorization: 'Bot secret' };
const WEBHOOK = Route.match('POST', `/webhooks/1/${WEBHOOK_TOKEN}`);
const NO_HEADERS = { status: 200, headers: {} };

let store: ScriptedStore;
/** The exchanges that have had their replies. */
let served: number;
let manager: RESTBucketManager;

beforeEach(() => share(new ScriptedStore()));

afterEach(() => endExchanges());

function share(scripted: ScriptedStore): void {
  store = scripted;
  served = 0;
  manager = limiter({ coordinator: store, concurrency: 'parallel', globalLimit: Number.POSITIVE_INFINITY });
}

async function endExchanges(): Promise<void> {
  manager.close();
  for (const { fail } of store.exchanges) fail('the test is over');
  await clock.advance(0);
}

/** The store answers every exchange, and grants all that is asked for. */
async function serve(more: Parameters<ScriptedStore['latest']['reply']>[0] = {}): Promise<void> {
  while (served < store.exchanges.length) {
    const { request, reply } = store.exchanges[served++] as ScriptedExchange;
    reply({ buckets: request.buckets.map(({ want }) => (want ? { granted: want } : {})), ...more });
    await clock.advance(0);
  }
}

async function tell(...news: Parameters<ScriptedStore['tell']>): Promise<void> {
  store.tell(...news);
  await clock.advance(0);
}

/** Sends one request, by permission of the store. */
async function send(route = history(), response: LimitsSource = answer()): Promise<void> {
  const { permits } = await ask(1, () => manager.acquire(route, BOT));
  await serve();
  permits[0]?.complete(response);
  await clock.advance(0);
  await serve();
}

/** Everything that exchanges have reported under a name, oldest first. */
function reported(name: 'routes' | 'sharing' | 'throttle' | 'lock' | 'webhooks'): unknown[] {
  return store.exchanges.map(({ request }) => request[name]).filter((value) => value !== undefined);
}

/** The names of the buckets of which the store was asked for permits since the exchange number `from`. */
function namesAskedFor(from = 0): string[] {
  const requests = store.exchanges.slice(from).flatMap(({ request }) => request.buckets);
  return requests.filter(({ want }) => want !== undefined).map(({ name }) => name);
}

/** Lets two routes of one hash answer so that they must have a counter each. */
async function sendSeparately(): Promise<void> {
  const contents = { resetAfter: 5, remaining: 4 };
  await send(history(), answer({ ...contents, remaining: 1, extra: { 'X-RateLimit-Reset': '1005' } }));
  await send(messages(), answer({ ...contents, extra: { 'X-RateLimit-Reset': '1005.5' } }));
}

describe('another process that reports', () => {
  it('a 401 locks the authorization here, until it reports the unlock', async () => {
    const waiting = await ask(2, () => manager.acquire(history(), BOT));
    await tell({ lock: true });
    expect(waiting.errors).toEqual([1, 2].map(() => expect.any(AuthorizationLockedError)));
    expect(await errorOf(manager.acquire(history(), BOT))).toBeInstanceOf(AuthorizationLockedError);
    await tell({ lock: false });
    expect((await ask(1, () => manager.acquire(history(), BOT))).pending).toBe(1);
  });

  it('an unknown webhook locks it here, until the time is over or it reports the unlock', async () => {
    const waiting = await ask(2, () => manager.acquire(WEBHOOK, BOT));
    const { majorParamHash } = WEBHOOK;
    await tell({ webhooks: [[majorParamHash, 5_000]] });
    expect(waiting.errors).toMatchObject([1, 2].map(() => ({ name: 'WebhookLockedError', retryAfter: 5_000 })));
    expect(await errorOf(manager.acquire(WEBHOOK, BOT))).toBeInstanceOf(WebhookLockedError);
    await tell({ webhooks: [[majorParamHash, 0]] });
    expect((await ask(1, () => manager.acquire(WEBHOOK, BOT))).pending).toBe(1);
  });

  it('a route without limits lets its requests leave here without the store', async () => {
    const waiting = await ask(3, () => manager.acquire(history(), BOT));
    await tell({ routes: [[history().identity, '']] });
    expect(waiting.granted).toEqual([0, 1, 2]);
    const { length } = store.exchanges;
    expect((await ask(5, () => manager.acquire(history(2), BOT))).granted).toHaveLength(5);
    expect(namesAskedFor(length)).toEqual([]);
  });

  it('a hash for a route without limits makes its requests here ask the store again', async () => {
    await send();
    await tell({ routes: [[messages().identity, '']] });
    expect((await ask(1, () => manager.acquire(messages(), BOT))).granted).toEqual([0]);
    await tell({ routes: [[messages().identity, 'abc']] });
    const { length } = store.exchanges;
    const waiting = await ask(2, () => manager.acquire(messages(2), BOT));
    expect(waiting.pending).toBe(2);
    await serve();
    expect(manager.getBucket(messages(2), BOT)).toMatchObject({ isUnlimited: false, isUnknown: false });
    expect(namesAskedFor(length)).toContain('abc;2');
  });

  it('a hash moves the waiting requests of the route to its bucket', async () => {
    const waiting = await ask(2, () => manager.acquire(history(), BOT));
    await serve({ buckets: [{ wait: -1 }] });
    const [unknown = ''] = namesAskedFor();
    await tell({ routes: [[history().identity, 'abc']], wake: [[unknown, 0]] });
    expect(manager.getBucket(history(), BOT).name).toMatch(/^abc;/);
    await serve();
    expect(namesAskedFor(1)).toEqual(['abc;1']);
    expect(waiting.granted).toEqual([0, 1]);
  });

  it('a split hash gives each of its routes a bucket of its own; a joined one, one bucket', async () => {
    await send(history());
    await send(messages());
    expect(manager.getBucket(messages(), BOT)).toBe(manager.getBucket(history(), BOT));
    await tell({ sharing: [['abc', true, 0]] });
    expect(manager.getBucket(messages(), BOT)).not.toBe(manager.getBucket(history(), BOT));
    await tell({ sharing: [['abc', false, 1]] });
    expect(manager.getBucket(messages(), BOT)).toBe(manager.getBucket(history(), BOT));
  });

  it('a global hold stops the requests here for that time', async () => {
    await send(history(), NO_HEADERS);
    await tell({ throttle: 3_000 });
    const waiting = await ask(1, () => manager.acquire(history(), BOT));
    await clock.advance(2_999);
    expect(waiting.granted).toEqual([]);
    await clock.advance(1);
    expect(waiting.granted).toEqual([0]);
  });

  it('a global hold that is too long rejects the waiting requests', async () => {
    const waiting = await ask(2, () => manager.acquire(history(), BOT));
    await tell({ throttle: 301_000 });
    expect(waiting.errors).toMatchObject([1, 2].map(() => ({ name: 'RateLimitTooLongError', isGlobal: true })));
  });
});

describe('this process reports', () => {
  it('a 401, and its unlock', async () => {
    await send(history(), { status: 401, headers: {} });
    expect(reported('lock')).toEqual([true]);
    manager.unlock(BOT);
    await clock.advance(0);
    await serve();
    expect(reported('lock')).toEqual([true, false]);
  });

  it('an unknown webhook, and its unlock', async () => {
    await send(WEBHOOK, { status: 404, headers: {}, body: { code: 10_015 } });
    const { majorParamHash } = WEBHOOK;
    expect(reported('webhooks')).toEqual([[[majorParamHash, 600_000]]]);
    manager.unlock({ route: WEBHOOK });
    await clock.advance(0);
    expect(reported('webhooks').at(-1)).toEqual([[majorParamHash, 0]]);
  });

  it('a global refusal', async () => {
    await send(history(), refused({ global: true, retryAfter: 7, scope: 'global' }));
    expect(reported('throttle')).toEqual([7_000]);
  });

  it('the hash of a route, or that it has no limits', async () => {
    await send(history());
    expect(reported('routes')).toEqual([[[history().identity, 'abc']]]);
    await send(messages(), NO_HEADERS);
    expect(reported('routes').at(-1)).toEqual([[messages().identity, '']]);
  });

  it('routes that count separately', async () => {
    await sendSeparately();
    expect(reported('sharing')).toEqual([[['abc', true, 0]]]);
  });

  it('everything it knows of routes when the store has lost its memory', async () => {
    await sendSeparately();
    const users = Route.match('GET', '/users/1');
    await send(users, NO_HEADERS);
    const { length } = store.exchanges;
    await ask(1, () => manager.acquire(history(9), BOT));
    await serve({ epoch: 'second' });
    expect(store.exchanges[length + 1]?.request).toMatchObject({
      routes: [
        [history().identity, 'abc'],
        [messages().identity, 'abc'],
        [users.identity, ''],
      ],
      sharing: [['abc', true, 0]],
    });
  });

  it('the hold of the common bucket after a refusal has joined its routes', async () => {
    await sendSeparately();
    await send(messages(), answer({ remaining: 3, resetAfter: 5, extra: { 'X-RateLimit-Reset': '1005.5' } }));
    await send(messages(), refused({ retryAfter: 3, resetAfter: 5 }));
    expect(manager.getBucket(messages(), BOT)).toBe(manager.getBucket(history(), BOT));
    const reports = store.exchanges.flatMap(({ request }) =>
      request.buckets.filter(({ name }) => name === 'abc;1').flatMap(({ reports = [] }) => reports),
    );
    expect(reports).toContainEqual(expect.objectContaining({ hold: 3_000 }));
  });

  it('that it waits for nothing any more, so that others need not wait for it', async () => {
    const controller = new AbortController();
    const waiting = await ask(1, () => manager.acquire(history(), { ...BOT, signal: controller.signal }));
    await serve({ buckets: [{ wait: -1 }] });
    const { length } = store.exchanges;
    controller.abort('enough');
    await clock.advance(0);
    expect(waiting.errors).toEqual(['enough']);
    expect(store.exchanges.slice(length)).toHaveLength(1);
    expect(store.latest.request.buckets).toMatchObject([{ held: 0 }]);
    expect(namesAskedFor(length)).toEqual([]);
  });
});

describe('a route without limits', () => {
  it('asks the store for nothing', async () => {
    await send(history(), NO_HEADERS);
    const { length } = store.exchanges;
    expect((await ask(5, () => manager.acquire(history(), BOT))).granted).toHaveLength(5);
    expect(namesAskedFor(length)).toEqual([]);
  });
});

describe('the store', () => {
  it('is reported when it is joined, lost, and joined again', async () => {
    const events = listen(manager, 'coordinatorJoined', 'coordinatorLost');
    await send();
    await ask(1, () => manager.acquire(history(2), BOT));
    store.latest.fail('gone');
    served = store.exchanges.length;
    await clock.advance(200);
    await serve({ joined: true });
    expect(events.map(([name]) => name)).toEqual(['coordinatorJoined', 'coordinatorLost', 'coordinatorJoined']);
    expect(events[1]?.[1]).toMatchObject({ authentication: expect.stringMatching(/^[0-9a-f]{32}$/), reason: 'gone' });
  });

  it('that is lost rejects waiting and later requests if the option says so', async () => {
    await endExchanges();
    share(new ScriptedStore('reject'));
    const waiting = await ask(2, () => manager.acquire(history(), BOT));
    store.latest.fail('gone');
    await clock.advance(0);
    expect(waiting.errors).toMatchObject([1, 2].map(() => ({ name: 'CoordinatorUnavailableError' })));
    await expect(manager.acquire(history(), BOT)).rejects.toMatchObject({ name: 'CoordinatorUnavailableError' });
  });
});
