import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AuthorizationLockedError,
  LimiterClosedError,
  type ManagerOptions,
  type ManagerSnapshot,
  type Permit,
  type RESTBucketManager,
  Route,
  SnapshotError,
  WebhookLockedError,
} from '../../../src/index.js';
import { answer as answerNow, type Contents } from '../../buckets/answers.js';
import { ask, clock, startClock } from '../../rig.js';
import { begin, restart as startAgain, wall } from './restarts.js';

const HISTORY = new Route('GET', '/channels/{channel}/messages');
const CHANNEL = new Route('GET', '/channels/{channel}');
const MODIFY = new Route('PATCH', '/channels/{channel}');
const USER = new Route('GET', '/users/{user}');
const WEBHOOK = new Route('POST', '/webhooks/{webhook}/{token}');

const AUTHORIZATION = 'Bot MTA.secret.token';
const WEBHOOK_TOKEN = 'w3bh00k-t0ken-'.padEnd(68, 'x');
const INTERACTION_TOKEN = 'aW50ZXJhY3Rpb246MTIzNDU2';

const history = (id = '1') => HISTORY.compile({ channel: id });
const channel = (id: string) => CHANNEL.compile({ channel: id });
const webhook = () => WEBHOOK.compile({ webhook: '7', token: WEBHOOK_TOKEN });

let manager: RESTBucketManager;

beforeEach(() => {
  wall.now = 1_700_000_000_000;
  startClock(80_000);
  manager = begin();
});

/** Ends the process, and starts another one. */
function restart(...options: [downtime?: number, options?: ManagerOptions]): void {
  manager = startAgain(manager, ...options);
}

/** An answer in a window of five seconds. */
const answer = (contents: Contents = {}) => answerNow({ resetAfter: 5, ...contents });

/** When a window resets, on the server's clock, in seconds. */
const reset = (seconds: number) => ({ 'X-RateLimit-Reset': String(seconds) });

/** Lets the manager learn that two routes of one hash count separately. */
async function learnApart(): Promise<void> {
  (await manager.acquire(history('1'))).complete(answer({ remaining: 1, extra: reset(1_005) }));
  (await manager.acquire(channel('1'))).complete(answer({ remaining: 4, extra: reset(1_005.5) }));
  expect(manager.getBucket(history('1'))).not.toBe(manager.getBucket(channel('1')));
}

/** The permits that are granted at once, and later, of `count` requests. */
async function grants(count: number, route = history(), authorization?: string): Promise<readonly Permit[]> {
  return (await ask(count, () => manager.acquire(route, { authorization }))).permits;
}

describe('a restored manager', () => {
  it('lets the rest of a window leave at once, and more requests when it resets', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 2 }));
    restart(1_000);
    const granted = await grants(5);
    expect(granted).toHaveLength(2);
    await clock.advance(3_999);
    expect(granted).toHaveLength(2);
    for (const permit of granted) permit.complete(answer({ remaining: 0, resetAfter: 0.001 }));
    await clock.advance(3);
    expect(granted).toHaveLength(5);
    for (const permit of granted.slice(2)) permit.cancel('unsent');
  });

  it('has a whole window if the last one reset while no process ran', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 0 }));
    restart(3_600_000);
    expect(await grants(6)).toHaveLength(5);
  });

  it('assumes that no time has passed when the wall clock has stepped back', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 0 }));
    restart(-3_600_000);
    const granted = await grants(1);
    await clock.advance(4_999);
    expect(granted).toHaveLength(0);
    await clock.advance(3);
    expect(granted).toHaveLength(1);
  });

  it('counts requests that were in flight until an answer shows that they did not arrive', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 4 }));
    await grants(2);
    restart(2_500);
    const granted = await grants(5);
    expect(granted).toHaveLength(2);
    granted[0]?.complete(answer({ remaining: 3, resetAfter: 2.5 }));
    await clock.advance(0);
    // Neither request had arrived.
    expect(granted).toHaveLength(4);
  });

  it('lets no request leave for an unknown bucket while an earlier one may still arrive', async () => {
    await grants(1);
    restart();
    const granted = await grants(1);
    await clock.advance(1_999);
    expect(granted).toHaveLength(0);
    await clock.advance(2);
    expect(granted).toHaveLength(1);
  });

  it('knows the hash of a route, for known and for new channels', async () => {
    (await manager.acquire(history('1'))).complete(answer());
    restart();
    expect(manager.routesToHashes.get(HISTORY)).toBe('abc');
    expect(manager.getBucket(history('2')).isUnknown).toBe(false);
    expect(manager.getBucket(history('1'))).toMatchObject({ limit: 5, remaining: 4 });
    expect(manager.getBucket(history('1')).name).toBe(history('1').createRealBucketHash('abc', 'none'));
  });

  it('knows the routes without limits', async () => {
    const route = USER.compile({ user: '2' });
    (await manager.acquire(route)).complete({ status: 200, headers: {} });
    restart();
    expect(await grants(10, route)).toHaveLength(10);
  });

  it('keeps the authorizations apart', async () => {
    (await manager.acquire(history(), { authorization: AUTHORIZATION })).complete(answer({ remaining: 0 }));
    restart();
    expect(await grants(2, history(), AUTHORIZATION)).toHaveLength(0);
    expect(await grants(2, history())).toHaveLength(1);
  });

  it('keeps the slots of the global limit busy until their second is over', async () => {
    manager.close();
    manager = begin({ globalLimit: 4 });
    const route = USER.compile({ user: '2' });
    (await manager.acquire(route)).complete({ status: 200, headers: {} });
    const [second] = await grants(2, route);
    second?.complete({ status: 200, headers: {} });
    restart(0, { globalLimit: 4 });
    const granted = await grants(9, route);
    expect(granted).toHaveLength(1);
    await clock.advance(1_002);
    expect(granted).toHaveLength(3);
    // A request in flight may arrive as late as one that its caller gave up.
    await clock.advance(1_997);
    expect(granted).toHaveLength(3);
    await clock.advance(2);
    expect(granted).toHaveLength(4);
  });

  it('keeps to a global limit that was lowered', async () => {
    const route = USER.compile({ user: '2' });
    const permits = [await manager.acquire(route)];
    permits[0]?.complete({ status: 200, headers: {} });
    for (const permit of await grants(5, route)) permit.complete({ status: 200, headers: {} });
    restart(0, { globalLimit: 2 });
    expect(await grants(1, route)).toHaveLength(0);
  });

  it('keeps the holds of an authorization, of a bucket, and of the whole address', async () => {
    manager.throttle(10_000, { authorization: AUTHORIZATION });
    (await manager.acquire(history())).complete({ status: 429, headers: { 'Retry-After': '20' }, body: '{}' });
    restart(5_000);
    const granted = await grants(1, history('5'), AUTHORIZATION);
    const held = await grants(1);
    await clock.advance(5_002);
    expect([granted.length, held.length]).toEqual([1, 0]);
    await clock.advance(10_000);
    expect(held).toHaveLength(1);
    held[0]?.complete({ status: 429, headers: { 'Retry-After': '60' } });
    restart(0);
    expect(await grants(1, history('9'))).toHaveLength(0);
    expect(manager.invalidRequests.heldFor(clock.now())).toBeGreaterThan(59_000);
  });

  it('keeps the limits on fields that it has learned', async () => {
    const route = MODIFY.compile({ channel: '1' });
    const body = { name: 'x' };
    const first = await manager.acquire(route, { body });
    first.complete(answer({ status: 429, remaining: 3, body: { retry_after: 60, global: false } }));
    restart(10_000);
    const seen: string[] = [];
    manager.acquire(route, { body }).then(
      () => seen.push('name'),
      () => {},
    );
    manager.acquire(route, { body: { nsfw: true } }).then(
      () => seen.push('nsfw'),
      () => {},
    );
    await clock.advance(49_000);
    expect(seen).toEqual(['nsfw']);
  });

  it('knows the routes of a hash that count separately', async () => {
    await learnApart();
    restart();
    expect(manager.getBucket(history('1'))).not.toBe(manager.getBucket(channel('1')));
    expect(manager.getBucket(history('1')).remaining).toBe(1);
    expect(manager.getBucket(channel('1')).remaining).toBe(4);
  });

  it('splits and joins the routes of a hash for restored buckets, too', async () => {
    (await manager.acquire(history('2'))).complete(answer({ remaining: 2, extra: reset(1_005) }));
    (await manager.acquire(history('1'))).complete(answer({ remaining: 1, extra: reset(1_005) }));
    restart();
    manager.on('sharingChanged', ({ change }) => changes.push(change));
    const changes: string[] = [];
    (await manager.acquire(channel('1'))).complete(answer({ remaining: 4, extra: reset(1_005.5) }));
    expect(changes).toEqual(['split']);
    restart();
    expect(manager.getBucket(history('2')).remaining).toBe(2);

    manager.on('sharingChanged', ({ change }) => changes.push(change));
    (await manager.acquire(channel('1'))).complete(answer({ remaining: 3, extra: reset(1_005.5) }));
    (await manager.acquire(channel('1'))).complete(answer({ status: 429, remaining: 0, extra: reset(1_005.5) }));
    expect(changes).toEqual(['split', 'join']);
    expect(manager.getBucket(channel('2'))).toBe(manager.getBucket(history('2')));
    expect(manager.getBucket(channel('2')).remaining).toBe(2);
  });

  it('goes on counting invalid requests, once for all managers that restore the same snapshot', async () => {
    for (let index = 0; index < 3; index++) {
      (await manager.acquire(history())).complete({ status: 403, headers: {} });
    }
    expect(manager.invalidRequests.count).toBe(3);
    const snapshot = manager.snapshot();
    restart(5_000);
    expect(manager.invalidRequests.count).toBe(3);
    const sharing = begin({ invalidRequests: manager.invalidRequests });
    sharing.restore(snapshot);
    expect(manager.invalidRequests.count).toBe(3);
    sharing.close();
    restart(700_000);
    expect(manager.invalidRequests.count).toBe(0);
  });

  it('keeps its locks, those of webhooks for at most webhookLockDuration', async () => {
    const bot = { authorization: AUTHORIZATION };
    (await manager.acquire(history(), bot)).complete({ status: 401, headers: {} });
    (await manager.acquire(webhook())).complete({ status: 404, headers: {}, body: { code: 10_015 } });
    restart(1_000);
    await expect(manager.acquire(history(), bot)).rejects.toThrow(AuthorizationLockedError);
    await expect(manager.acquire(webhook())).rejects.toThrow(WebhookLockedError);
    restart(0, { webhookLockDuration: 0 });
    expect(await grants(1, webhook())).toHaveLength(1);
    await expect(manager.acquire(history(), bot)).rejects.toThrow(AuthorizationLockedError);
  });

  it('hands on buckets that were never used, and collects them like any other', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 1 }));
    restart(1_000);
    restart(1_000);
    expect(manager.realHashesToBuckets.size).toBe(0);
    expect(await grants(3)).toHaveLength(1);
    restart(60_000);
    manager.doGCPass(10_000);
    expect(manager.snapshot().authentications[0]?.buckets).toEqual([]);
    expect(manager.routesToHashes.get(HISTORY)).toBe('abc');
  });

  it('restores a bucket for another route of the same hash', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 3 }));
    (await manager.acquire(history())).complete(answer({ status: 429, remaining: 0, body: { retry_after: 20 } }));
    restart();
    const other = channel('1');
    (await manager.acquire(other)).complete(answer({ remaining: 2 }));
    expect(manager.getBucket(other)).toBe(manager.getBucket(history()));
    expect(manager.getBucket(other).isRateLimited(clock.now())).toBe(true);
  });
});

describe('snapshot and restore', () => {
  it('give a manager that takes the same snapshot again', async () => {
    await fillManager();
    const first = JSON.parse(JSON.stringify(manager.snapshot()));
    const again = begin();
    wall.now += 1;
    again.restore(first);
    expect(sorted(again.snapshot())).toEqual(sorted({ ...first, takenAt: wall.now }));
    again.close();
  });

  it('lose nothing in JSON', async () => {
    await fillManager();
    manager.throttle(Number.POSITIVE_INFINITY);
    const snapshot = manager.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toStrictEqual(snapshot);
    expect(snapshot).toMatchObject({ format: 'sluice-snapshot', version: 2, takenAt: wall.now });
    restart();
    expect(manager.snapshot().authentications.at(-1)?.global.heldUntil ?? 'forever').toBe('forever');
  });

  it('keep a window that was set by hand, unless it makes no sense', () => {
    manager.getBucket(history('2')).updateRateLimit({ limit: 3, remaining: 1, resetAt: clock.now() + 500 });
    manager.getBucket(history()).updateRateLimit({ limit: 0.5, remaining: Number.NaN, resetAt: 0 });
    restart();
    expect(manager.getBucket(history()).limit).toBe(1);
    expect(manager.getBucket(history('2'))).toMatchObject({ limit: 3, remaining: 1 });
  });

  it('are for a manager that is neither used nor closed', async () => {
    const snapshot = manager.snapshot();
    (await manager.acquire(history())).cancel('unsent');
    expect(() => manager.restore(snapshot)).toThrow('in use');
    manager.close();
    expect(() => manager.restore(snapshot)).toThrow(LimiterClosedError);
    expect(() => manager.snapshot()).toThrow(LimiterClosedError);
    expect(() => begin({ wallTime: 5 as never })).toThrow('wallTime must be a function');
  });

  it('show no token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 12, maxLength: 80 }), async (random) => {
        const text = encodeURIComponent(random);
        const secrets = [`Bot ${text}`, `${text}.webhook`, `${INTERACTION_TOKEN}${text}`];
        const [authorization, token, interaction] = secrets as [string, string, string];
        const used = begin();
        const paths = [`/webhooks/1/${token}`, `/webhooks/2/${interaction}/messages/@original`, '/channels/3/messages'];
        for (const path of paths) {
          (await used.acquire(Route.match('PATCH', path), { authorization })).complete(
            answer({ hash: path.slice(1, 4) }),
          );
        }
        (await used.acquire(Route.match('POST', paths[0] ?? ''))).complete({ status: 404, headers: {} });
        const json = JSON.stringify(used.snapshot());
        used.close();
        for (const secret of [text, ...secrets]) expect(json).not.toContain(secret);
      }),
    );
  });

  it('leave out a window that was set by hand to reset at no instant', () => {
    manager.getBucket(history()).updateRateLimit({ limit: 3, remaining: 1, resetAt: Number.NaN });
    restart();
    expect(manager.getBucket(history()).limit).toBe(1);
  });

  it('leave out buckets of which nothing is known', () => {
    manager.getBucket(history());
    expect(manager.snapshot().authentications[0]?.buckets).toEqual([]);
  });

  it('keep a window that resets in a day', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 0, resetAfter: 86_400 }));
    restart();
    expect(manager.getBucket(history()).resetAt).toBeGreaterThan(86_300_000);
  });
});

describe('a malformed snapshot', () => {
  it.each([
    [undefined, 'The snapshot must be an object'],
    [null, 'The snapshot must be an object'],
    ['{"format":"sluice-snapshot"}', 'The snapshot must be an object'],
    [[], 'The snapshot must be an object'],
    [{}, 'no snapshot of a Sluice manager'],
    [{ format: 'other', version: 2 }, 'no snapshot of a Sluice manager'],
    [{ format: 'sluice-snapshot', version: 1 }, 'a version other than 2'],
    [{ format: 'sluice-snapshot', version: 2, takenAt: '5' }, 'takenAt must be a number from 0 to'],
  ])('%j is refused', (snapshot, message) => {
    expect(() => manager.restore(snapshot)).toThrow(SnapshotError);
    expect(() => manager.restore(snapshot)).toThrow(message);
  });

  it('is refused with an error that names the malformed field', async () => {
    (await manager.acquire(history())).complete(answer());
    const snapshot = JSON.parse(JSON.stringify(manager.snapshot()));
    snapshot.authentications[0].buckets[0].window.limit = 'Bot secret';
    const path = 'authentications[0].buckets[0].window.limit';
    const other = begin();
    expect(() => other.restore(snapshot)).toThrow(`${path} must be a whole number from 1 to`);
    expect(() => other.restore(snapshot)).toThrow(expect.objectContaining({ path }));
    expect(() => other.restore(snapshot)).not.toThrow('secret');
    other.close();
  });

  it('is refused without any change, or restored to a manager that works, wherever it is corrupt', async () => {
    await fillManager();
    const valid = JSON.stringify(manager.snapshot());
    const fresh = sorted(begin().snapshot());
    const outcomes = { refused: 0, restored: 0 };
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const corrupt = mutated(JSON.parse(valid), changes);
        const target = begin();
        try {
          target.restore(corrupt);
          outcomes.restored++;
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
          expect(sorted(target.snapshot())).toEqual(fresh);
          outcomes.refused++;
        }
        await expectSane(target);
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(outcomes.refused, outcomes.restored)).toBeGreaterThan(100);
  });
});

/** Lets the manager learn something of every kind. */
async function fillManager(): Promise<void> {
  const bot = { authorization: AUTHORIZATION };
  (await manager.acquire(history('1'), bot)).complete(answer({ remaining: 2, extra: reset(1_700_000_005.123) }));
  (await manager.acquire(history('2'), bot)).complete(answer({ status: 429, remaining: 0, body: { retry_after: 3 } }));
  const modify = MODIFY.compile({ channel: '1' });
  // A field may have any name.
  const body = { name: 'x', '': 1 };
  const refused = answer({ hash: 'def', status: 429, remaining: 3, body: { retry_after: 60, global: false } });
  (await manager.acquire(modify, { ...bot, body })).complete(refused);
  (await manager.acquire(USER.compile({ user: '2' }), bot)).complete({ status: 200, headers: {} });
  (await manager.acquire(webhook())).complete({ status: 404, headers: {}, body: { code: 10_015 } });
  await learnApart();
  (await manager.acquire(history('3'), { authorization: 'Bot b' })).complete({ status: 401, headers: {} });
  const [lost] = await grants(1, history('1'), AUTHORIZATION);
  lost?.cancel('lost');
  manager.throttle(700, bot);
}

/** Makes snapshots comparable: the order of lists and the last digits of sums do not matter. */
function sorted(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1e3) / 1e3;
  if (Array.isArray(value)) {
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, sorted(field)]));
}

interface Mutation {
  readonly where: number;
  readonly how: 'replace' | 'remove' | 'scale' | 'copy';
  readonly by: unknown;
}

const mutations = fc.array(
  fc.record({
    where: fc.nat(),
    how: fc.constantFrom('replace' as const, 'remove' as const, 'scale' as const, 'copy' as const),
    by: fc.oneof(
      fc.constantFrom(0, -1, 0.5, 1, 2, 1e9, 1e300, -1e300, null, '', 'forever', 'fixed', true, [], {}),
      fc.jsonValue(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function mutated(snapshot: ManagerSnapshot, changes: readonly Mutation[]): unknown {
  const root: Record<string, unknown> = { snapshot };
  for (const { where, how, by } of changes) {
    const places = [...placesIn(root)];
    const [holder, key] = places[where % places.length] ?? [root, 'snapshot'];
    const old = holder[key];
    if (how === 'remove') delete holder[key];
    else if (how === 'scale' && typeof old === 'number') holder[key] = old * (typeof by === 'number' ? by : -1);
    else if (how === 'copy' && Array.isArray(holder)) holder.push(structuredClone(old));
    else holder[key] = by;
  }
  return JSON.parse(JSON.stringify(root.snapshot ?? null));
}

function* placesIn(value: unknown): Generator<[holder: Record<string, unknown>, key: string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value as Record<string, unknown>, key];
    yield* placesIn((value as Record<string, unknown>)[key]);
  }
}

/** Checks that a manager works: nothing throws, no number is NaN, and its own snapshot can be restored. */
async function expectSane(target: RESTBucketManager): Promise<void> {
  const again = begin();
  again.restore(JSON.parse(JSON.stringify(target.snapshot())));
  again.close();
  for (const authorization of [undefined, AUTHORIZATION, 'Bot b']) {
    for (const route of [history('1'), history('2'), MODIFY.compile({ channel: '1' }), USER.compile({ user: '2' })]) {
      const bucket = target.getBucket(route, { authorization });
      for (const number of [bucket.remaining, bucket.limit, bucket.resetAt, bucket.period]) {
        expect(number).not.toBeNaN();
      }
      target.acquire(route, { authorization }).then(
        (permit) => permit.complete(answer({ hash: manager.routesToHashes.get(route) ?? 'abc' })),
        () => {},
      );
    }
  }
  await clock.advance(0);
  target.doGCPass(0);
  target.close();
}
