import { DiscordModel, type LimitedRule, type ModelConfig } from '@sluice/simulator';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CompiledRoute, type Permit, type RESTBucketManager, Route } from '../../src/index.js';
import { clock, limiter, listen, settle, startClock } from '../rig.js';

const POST = Route.match('POST', '/channels/100000000000000001/messages');
const EDIT = Route.match('PATCH', '/channels/100000000000000001/messages/200000000000000001');
const CHANNEL = Route.match('PATCH', '/channels/100000000000000001');

const FIXED = { limit: 5, period: 1_000, window: 'fixed' } as const;
const MESSAGES: LimitedRule = { methods: ['POST'], path: '/channels/{channel}/messages', bucket: 'm', ...FIXED };
const EDITS: LimitedRule = { ...MESSAGES, methods: ['PATCH'], path: '/channels/{channel}/messages/{message}' };
const CHANNELS: LimitedRule = { methods: ['PATCH'], path: '/channels/{channel}', bucket: 'c', ...FIXED };

let manager: RESTBucketManager;
let model: DiscordModel;
let events: ReturnType<typeof listen>;

beforeEach(() => {
  startClock(0);
  manager = limiter();
  events = listen(manager, 'sharingChanged', 'subLimited', 'refused');
});

function serve(routes: readonly LimitedRule[], more: Partial<ModelConfig> = {}): void {
  model = new DiscordModel({ routes, globalLimit: null, ...more }, { epoch: 1_700_000_000_000 });
}

/** Sends a request until it succeeds; the network takes 10 ms each way. Returns when it was answered. */
async function send(route: CompiledRoute, body?: unknown): Promise<number> {
  let permit: Permit = await manager.acquire(route, { body });
  for (;;) {
    await pause(10);
    const answer = model.receive({ method: route.method, path: route.compiledPath, body }, clock.now());
    await pause(10);
    if (permit.complete(answer) === undefined) return clock.now();
    permit = await permit.retry();
  }
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(clock.now() + duration, resolve));
}

describe('routes of one hash', () => {
  it('that count separately are split by the first answer that proves it, and lose no time afterwards', async () => {
    serve([
      { ...MESSAGES, counter: 'posts' },
      { ...EDITS, counter: 'edits' },
    ]);
    await settle([send(POST)]);
    await settle([send(EDIT)]);
    expect(events).toEqual([
      [
        'sharingChanged',
        {
          hash: 'm',
          change: 'split',
          route: 'PATCH /channels/{channel}/messages/{id}',
          reason: 'its answer was the first of a window although another route had used the bucket',
        },
      ],
    ]);
    expect(manager.getBucket(POST)).not.toBe(manager.getBucket(EDIT));
    expect(manager.getBucket(POST).name).toContain('POST');
    expect(manager.getBucket(EDIT).name).toContain('PATCH');
    const ends = await settle([
      ...Array.from({ length: 4 }, () => send(POST)),
      ...Array.from({ length: 4 }, () => send(EDIT)),
    ]);
    expect(Math.max(...ends)).toBeLessThan(1_000);
    expect(model.statistics().refused.user).toBe(0);
  });

  it('that count together stay together', async () => {
    serve([MESSAGES, EDITS]);
    await settle([send(POST)]);
    await settle([send(EDIT)]);
    await settle(Array.from({ length: 12 }, (_, index) => send(index % 2 ? POST : EDIT)));
    expect(events).toEqual([]);
    expect(manager.getBucket(POST)).toBe(manager.getBucket(EDIT));
    expect(manager.getBucket(POST).name).not.toContain('POST');
  });

  it('are joined again by a refusal that separate counts did not predict', async () => {
    serve([
      { ...MESSAGES, counter: 'posts' },
      { ...EDITS, counter: 'edits' },
    ]);
    await settle([send(POST)]);
    await settle([send(EDIT)]);
    serve([MESSAGES, EDITS]);
    clock.setTimer(clock.now() + 2_000, () => {});
    await clock.runAll();
    await settle(Array.from({ length: 14 }, (_, index) => send(index % 2 ? POST : EDIT)));
    expect(events.filter(([name]) => name === 'sharingChanged').map(([, { change }]) => change)).toEqual([
      'split',
      'join',
    ]);
    expect(model.statistics().refused.user).toBe(1);
    expect(manager.getBucket(POST)).toBe(manager.getBucket(EDIT));
  });
});

describe('a limit on a field', () => {
  it('refuses once; then its count and period are known, and other requests pass meanwhile', async () => {
    serve([{ ...CHANNELS, limit: 50, subLimits: [{ fields: ['name'], limit: 2, period: 10_000 }] }]);
    const renames = Array.from({ length: 6 }, () => send(CHANNEL, { name: 'x' }));
    const moves = Array.from({ length: 5 }, () => send(CHANNEL, { position: 1 }));
    const ends = await settle([...renames, ...moves]);
    expect(model.statistics().refusedUnseen.subLimit).toBe(1);
    expect(Math.max(...ends.slice(6))).toBeLessThan(1_000);
    expect(ends.slice(0, 6)).toEqual([...ends.slice(0, 6)].sort((a, b) => a - b));
    expect(ends[5]).toBeLessThan(20_200);
    const [limit] = manager.getBucket(CHANNEL).subLimits;
    expect(limit).toMatchObject({ fields: ['name'], count: 2 });
    expect(limit?.period).toBeCloseTo(10_000, -2);
    expect(events.find(([name]) => name === 'subLimited')?.[1]).toMatchObject({
      route: 'PATCH /channels/100000000000000001',
      fields: ['name'],
      count: 2,
    });
  });

  it('keeps its bucket from being collected while it holds', async () => {
    serve([{ ...CHANNELS, subLimits: [{ fields: ['name'], limit: 1, period: 200_000 }] }]);
    const waiting = [send(CHANNEL, { name: 'a' }), send(CHANNEL, { name: 'b' })];
    await clock.advance(60_000);
    expect(manager.doGCPass(0)).toMatchObject({ active: 1, dead: 0 });
    await settle(waiting);
    expect(manager.doGCPass(0).dead).toBe(0);
  });

  it('that lasts longer than maxRateLimit is an error for the requests with that field', async () => {
    manager = limiter({ maxRateLimit: 5_000 });
    serve([{ ...CHANNELS, subLimits: [{ fields: ['name'], limit: 1, period: 600_000 }] }]);
    const sent = Promise.allSettled([
      send(CHANNEL, { name: 'a' }),
      send(CHANNEL, { name: 'b' }),
      send(CHANNEL, { nsfw: true }),
    ]);
    await clock.runAll();
    const [first, second, third] = await sent;
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((second as PromiseRejectedResult).reason).toMatchObject({ name: 'RateLimitTooLongError' });
  });
});

describe('a limit that no header shows', () => {
  it('holds its bucket, and is known afterwards', async () => {
    serve([{ ...MESSAGES, limit: 50, hidden: { limit: 3, period: 5_000 } }]);
    const ends = await settle(Array.from({ length: 9 }, () => send(POST)));
    expect(model.statistics().refusedUnseen.hidden).toBe(1);
    expect(Math.max(...ends)).toBeLessThan(10_400);
    expect(manager.getBucket(POST).subLimits[0]).toMatchObject({ fields: undefined, count: 3 });
  });
});

describe('another consumer of the token', () => {
  it('makes the bucket cautious for three windows', async () => {
    serve([{ ...MESSAGES, outside: [{ at: 1_200, count: 3 }] }]);
    await settle([send(POST)]);
    await clock.advanceTo(1_300);
    const sent = [send(POST), send(POST)];
    await clock.advance(100);
    expect(manager.getBucket(POST).isCautious).toBe(true);
    await settle(sent);
    await clock.advance(5_000);
    expect(manager.getBucket(POST).isCautious).toBe(false);
    expect(model.statistics().refused.user).toBe(0);
  });
});

describe('a limited route that never shows headers', () => {
  it('is refused once for each request that leaves together, and never flooded afterwards', async () => {
    serve([{ ...MESSAGES, headers: 'none', limit: 2 }]);
    await settle([send(POST)]);
    await clock.advance(2_000);
    const ends = await settle(Array.from({ length: 12 }, () => send(POST)));
    // The first twelve leave together: no answer has shown a limit.
    expect(model.statistics().refused.user).toBeLessThanOrEqual(12);
    expect(Math.max(...ends) - 2_000).toBeLessThan(12 * 1_050);
  });
});
