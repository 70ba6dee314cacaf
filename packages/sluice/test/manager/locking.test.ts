import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CredentialLocks } from '../../src/gates/credential-locks.js';
import { AuthorizationLockedError, RESTBucketManager, Route, WebhookLockedError } from '../../src/index.js';
import { clock, errorOf, limiter, listen } from '../rig.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from '../routes/tokens.js';

const MESSAGES = Route.match('POST', '/channels/1/messages');
const OTHERS = Route.match('GET', '/channels/2/messages');
const WEBHOOK = Route.match('POST', `/webhooks/1/${WEBHOOK_TOKEN}`);
const WEBHOOK_MESSAGE = Route.match('PATCH', `/webhooks/1/${WEBHOOK_TOKEN}/messages/2`);
const OTHER_WEBHOOK = Route.match('POST', `/webhooks/2/${WEBHOOK_TOKEN}`);
const FOLLOW_UP = Route.match('POST', `/webhooks/1/${INTERACTION_TOKEN}`);
const CALLBACK = Route.match('POST', `/interactions/1/${INTERACTION_TOKEN}/callback`);

const BOT = { authorization: 'Bot secret' };
const UNAUTHORIZED = { status: 401, headers: {}, body: '{"message":"401: Unauthorized","code":0}' };
const UNKNOWN_WEBHOOK = { status: 404, headers: {}, body: '{"message":"Unknown Webhook","code":10015}' };
const OK = { status: 200, headers: {} };

let manager: RESTBucketManager;
let events: ReturnType<typeof listen>;

beforeEach(() => create());

afterEach(() => {
  expect(JSON.stringify(events)).not.toMatch(new RegExp(`secret|${WEBHOOK_TOKEN}`));
});

function create(options: { webhookLockDuration?: number } = {}): void {
  manager = limiter(options);
  events = listen(manager, 'authorizationLocked', 'webhookLocked', 'unlocked');
}

describe('a 401', () => {
  it('locks the authorization that was sent until it is unlocked; waiting requests are rejected in every bucket', async () => {
    const refused = await manager.acquire(MESSAGES, BOT);
    const underWay = await manager.acquire(OTHERS, BOT);
    const waiting = [MESSAGES, MESSAGES, OTHERS].map((route) => errorOf(manager.acquire(route, BOT)));
    refused.complete(UNAUTHORIZED);
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(AuthorizationLockedError);
    const later = await errorOf(manager.acquire(CALLBACK, BOT));
    const [, { authentication }] = events[0] as [string, { authentication: string }];
    expect(later).toMatchObject({ route: 'POST /interactions/1/:token/callback', authentication });
    expect(later.message).toContain('401');
    expect(later.message).not.toContain('secret');
    // Requests in flight end as usual, and change nothing.
    underWay.complete(UNAUTHORIZED);
    expect(events).toEqual([['authorizationLocked', { authentication, route: 'POST /channels/1/messages' }]]);

    (await manager.acquire(MESSAGES, { authorization: 'Bot other' })).complete(OK);
    (await manager.acquire(MESSAGES)).complete(OK);
    expect(manager.unlock({ authorization: 'Bot other' })).toBe(false);
    expect(manager.unlock(BOT)).toBe(true);
    expect(manager.unlock(BOT)).toBe(false);
    expect(events.slice(1)).toEqual([['unlocked', { authentication }]]);
    (await manager.acquire(MESSAGES, BOT)).complete(OK);
  });

  it('rejects a request that waits beside the queue, and the retry of a refused one', async () => {
    const limited = {
      status: 429,
      headers: {
        'X-RateLimit-Bucket': 'a',
        'X-RateLimit-Limit': '5',
        'X-RateLimit-Remaining': '3',
        'X-RateLimit-Reset-After': '1',
        'X-RateLimit-Scope': 'user',
      },
      body: '{"retry_after":60}',
    };
    const parked = await manager.acquire(MESSAGES, BOT);
    const again = await manager.acquire(Route.match('POST', '/channels/2/messages'), BOT);
    expect([parked.complete(limited)?.kind, again.complete(limited)?.kind]).toEqual(['sub-limit', 'sub-limit']);
    const error = errorOf(parked.retry());
    (await manager.acquire(OTHERS, BOT)).complete(UNAUTHORIZED);
    expect(await error).toBeInstanceOf(AuthorizationLockedError);
    expect(await errorOf(again.retry())).toBeInstanceOf(AuthorizationLockedError);
  });

  it.each([
    ['a webhook', WEBHOOK, BOT],
    ['a follow-up', FOLLOW_UP, BOT],
    ['an interaction callback', CALLBACK, BOT],
    ['no authorization', MESSAGES, {}],
  ])('of %s locks nothing', async (_, route, options) => {
    (await manager.acquire(route, options)).complete(UNAUTHORIZED);
    (await manager.acquire(route, options)).complete(OK);
    (await manager.acquire(MESSAGES, BOT)).complete(OK);
    expect(events).toEqual([]);
    expect(manager.invalidRequests.count).toBe(1);
  });

  it('rejects requests that wait for the global limit, and leaves no timer', async () => {
    manager = limiter({ globalLimit: 1 });
    const refused = await manager.acquire(MESSAGES, BOT);
    const waiting = errorOf(manager.acquire(OTHERS, BOT));
    await clock.advance(10);
    refused.complete(UNAUTHORIZED);
    expect(await waiting).toBeInstanceOf(AuthorizationLockedError);
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a 404 of a webhook', () => {
  it('locks all routes of the webhook for a while, for every authorization', async () => {
    const refused = await manager.acquire(WEBHOOK);
    const waiting = [manager.acquire(WEBHOOK), manager.acquire(WEBHOOK)].map(errorOf);
    const underWay = await manager.acquire(WEBHOOK_MESSAGE);
    refused.complete(UNKNOWN_WEBHOOK);
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(WebhookLockedError);
    underWay.complete(UNKNOWN_WEBHOOK);
    const route = 'POST /webhooks/1/:token';
    expect(events).toEqual([['webhookLocked', { route, retryAfter: 600_000, until: 601_000 }]]);
    await clock.advance(100_000);
    const later = await errorOf(manager.acquire(WEBHOOK_MESSAGE, BOT));
    expect(later).toMatchObject({ name: 'WebhookLockedError', retryAfter: 500_000 });
    expect(later.message).toMatch(/^PATCH \/webhooks\/1\/:token\/messages\/2 was not sent/);
    (await manager.acquire(OTHER_WEBHOOK)).complete(OK);
    (await manager.acquire(FOLLOW_UP)).complete(OK);
    await clock.advance(500_000);
    (await manager.acquire(WEBHOOK)).complete(OK);
  });

  it('can be undone by any route of the webhook', async () => {
    (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    expect(manager.unlock({ route: OTHER_WEBHOOK })).toBe(false);
    expect(manager.unlock({ route: WEBHOOK_MESSAGE, authorization: undefined })).toBe(true);
    expect(manager.unlock({ route: WEBHOOK })).toBe(false);
    expect(events[1]).toEqual(['unlocked', { route: 'PATCH /webhooks/1/:token/messages/2' }]);
    (await manager.acquire(WEBHOOK)).complete(OK);
    expect(manager.unlock({})).toBe(false);
  });

  it('locks the webhook again after the next 404', async () => {
    for (let time = 0; time < 2; time++) {
      (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
      await clock.advance(600_000);
    }
    expect(events).toHaveLength(2);
    expect(manager.unlock({ route: WEBHOOK })).toBe(false);
  });

  it.each([
    ['of the webhook itself, without a body', WEBHOOK, undefined, true],
    ['of one of its messages, without a body', WEBHOOK_MESSAGE, undefined, false],
    ['of one of its messages, with the code', WEBHOOK_MESSAGE, { code: 10_015 }, true],
    ['of an unknown message', WEBHOOK_MESSAGE, { code: 10_008 }, false],
    ['of an unknown thread', WEBHOOK, { code: 10_003 }, false],
    ['that is no JSON', WEBHOOK, '<html>', false],
    ['that is empty', WEBHOOK, null, false],
    ['whose code is no number', WEBHOOK, { code: '10015' }, false],
    ['of a follow-up', FOLLOW_UP, { code: 10_015 }, false],
    ['of a callback', CALLBACK, { code: 10_015 }, false],
    ['of a webhook that the bot asks for', Route.match('GET', '/webhooks/1'), { code: 10_015 }, false],
  ])('%s', async (_, route, body, isLocked) => {
    (await manager.acquire(route)).complete({ status: 404, headers: {}, body });
    expect(events.map(([name]) => name)).toEqual(isLocked ? ['webhookLocked'] : []);
  });

  it('locks the webhook for webhookLockDuration', async () => {
    create({ webhookLockDuration: 0 });
    (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    expect(events).toEqual([]);
    create({ webhookLockDuration: Number.POSITIVE_INFINITY });
    (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    await clock.advance(1e9);
    manager.doGCPass(0);
    await expect(manager.acquire(WEBHOOK)).rejects.toMatchObject({ retryAfter: Number.POSITIVE_INFINITY });
    expect(() => new RESTBucketManager({ webhookLockDuration: -1 })).toThrow('webhookLockDuration');
  });
});

describe('a pass of the garbage collector', () => {
  it('forgets the locks that have ended', async () => {
    (await manager.acquire(WEBHOOK)).complete(UNKNOWN_WEBHOOK);
    const expire = vi.spyOn(CredentialLocks.prototype, 'expire');
    manager.doGCPass(0);
    expect(expire).toHaveBeenCalledWith(1_000);
    expire.mockRestore();
  });
});
