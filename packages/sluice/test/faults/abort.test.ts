import { getEventListeners } from 'node:events';
import type { ModelConfig, RouteRule } from '@sluice/simulator';
import { describe, expect, it, vi } from 'vitest';
import type { CancelReason, Permit } from '../../src/buckets/rest-bucket.js';
import { limitedFetch } from '../../src/client/limited-fetch.js';
import { RESTClient } from '../../src/client/rest-client.js';
import type { Fetch } from '../../src/client/transport.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import { VirtualNetwork } from './virtual-network.js';

const CHANNEL: Pick<RouteRule, 'path'> = { path: '/channels/{channel}' };

function rule(method: string, more: object = {}): RouteRule {
  const limits = { bucket: method, limit: 3, period: 10_000, window: 'fixed' } as const;
  return { methods: [method], ...CHANNEL, ...limits, ...more } as RouteRule;
}

/** A request of a scenario. */
interface Planned {
  readonly at?: number;
  readonly json?: unknown;
}

/** A point at which a request is aborted, with others of its bucket before and behind it. */
interface Point {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly model: Partial<ModelConfig>;
  readonly requests: readonly Planned[];
  /** The request that is aborted, and when. */
  readonly victim: number;
  readonly abortAt: number;
  /** How often it had left by then, and how its permits ended. */
  readonly sent: number;
  readonly ends: readonly string[];
  /** The order in which the others arrive, refused ones included. Default: each once, in the order of acquire. */
  readonly order?: readonly number[];
  /** Whether the point exists only for a client that retries after failures. */
  readonly clientOnly?: boolean;
  /** How its permit ends with RESTClient, which holds the permit of a write until the body has arrived. Default: `ends`. */
  readonly clientEnds?: readonly string[];
}

const many = (count: number): Planned[] => Array.from({ length: count }, () => ({}));

const POINTS: readonly Point[] = [
  {
    name: 'queued behind an unknown bucket',
    method: 'GET',
    model: { routes: [rule('GET')] },
    requests: many(3),
    victim: 1,
    abortAt: 10,
    sent: 0,
    ends: [],
  },
  {
    name: 'queued behind a write',
    method: 'POST',
    model: { routes: [rule('POST')] },
    requests: many(3),
    victim: 1,
    abortAt: 10,
    sent: 0,
    ends: [],
  },
  {
    name: 'queued behind a window, first in the queue',
    method: 'GET',
    model: { routes: [rule('GET')] },
    requests: many(6),
    victim: 3,
    abortAt: 5_000,
    sent: 0,
    ends: [],
  },
  {
    name: 'queued behind a window, in the middle of the queue',
    method: 'GET',
    model: { routes: [rule('GET')] },
    requests: many(6),
    victim: 4,
    abortAt: 5_000,
    sent: 0,
    ends: [],
  },
  {
    name: 'under the global limit',
    method: 'GET',
    model: { routes: [rule('GET')], globalLimit: 1 },
    requests: many(3),
    victim: 1,
    abortAt: 500,
    sent: 0,
    ends: [],
  },
  {
    name: 'beside the queue because of a known limit on a field',
    method: 'PATCH',
    model: { routes: [rule('PATCH', { limit: 9, subLimits: [{ fields: ['name'], limit: 1, period: 8_000 }] })] },
    requests: [{ json: { name: 'a' } }, { json: { name: 'b' } }, { json: { name: 'c' } }, { json: { nsfw: true } }],
    victim: 2,
    abortAt: 4_000,
    sent: 0,
    ends: [],
    order: [0, 1, 3, 1],
  },
  {
    name: 'beside the queue because a limit on a field refused it',
    method: 'PATCH',
    model: { routes: [rule('PATCH', { limit: 9, subLimits: [{ fields: ['name'], limit: 1, period: 8_000 }] })] },
    requests: [{ json: { name: 'a' } }, { json: { name: 'b' } }, { json: { nsfw: true } }],
    victim: 1,
    abortAt: 4_000,
    sent: 1,
    ends: ['complete'],
  },
  {
    name: 'waiting as long as a refusal asked',
    method: 'POST',
    // Another consumer has used up the first window.
    model: {
      routes: [
        rule('POST', {
          outside: [
            { at: 0, count: 1 },
            { at: 0, count: 2 },
          ],
        }),
      ],
    },
    requests: many(3),
    victim: 0,
    abortAt: 4_000,
    sent: 1,
    ends: ['complete'],
  },
  {
    name: 'banned with the whole address',
    method: 'POST',
    model: {
      routes: [rule('POST', { status: 403 })],
      invalidRequests: { limit: 1, period: 60_000, ban: 8_000 },
    },
    requests: many(3),
    victim: 1,
    abortAt: 4_000,
    sent: 1,
    ends: ['complete'],
  },
  {
    name: 'during back-off',
    method: 'GET',
    model: { routes: [rule('GET')], faults: [{ kind: 'status', status: 502, at: [1] }] },
    requests: many(3),
    victim: 0,
    abortAt: 200,
    sent: 1,
    ends: ['complete'],
    clientOnly: true,
  },
  {
    name: 'on its way to the server',
    method: 'POST',
    model: { routes: [rule('POST')] },
    requests: many(3),
    victim: 0,
    abortAt: 10,
    sent: 1,
    ends: ['abandoned'],
  },
  {
    name: 'before the headers of its answer',
    method: 'POST',
    model: { routes: [rule('POST')] },
    requests: many(3),
    victim: 0,
    abortAt: 30,
    sent: 1,
    ends: ['abandoned'],
  },
  {
    name: 'before the first half of its body',
    method: 'POST',
    model: { routes: [rule('POST')] },
    requests: many(3),
    victim: 0,
    abortAt: 60,
    sent: 1,
    ends: ['complete'],
    clientEnds: ['abandoned'],
  },
  {
    name: 'between the halves of its body',
    method: 'POST',
    model: { routes: [rule('POST')] },
    requests: many(3),
    victim: 0,
    abortAt: 120,
    sent: 1,
    ends: ['complete'],
    clientEnds: ['abandoned'],
  },
];

type Send = (mark: number, planned: Planned, signal: AbortSignal) => Promise<unknown>;

/** Plays a point, and records the outcome of each request. */
class Scenario {
  readonly clock = new VirtualClock();
  readonly network: VirtualNetwork;
  readonly manager: RESTBucketManager;
  readonly results: PromiseSettledResult<unknown>[] = [];
  /** How the permits of each request ended, by mark. */
  readonly ends: string[][];
  readonly controllers: AbortController[];
  readonly #point: Point;
  /** The mark of the request that is being sent: acquire is called synchronously, in the order of sending. */
  #asking = -1;

  constructor(point: Point) {
    const { routes = [], globalLimit = null } = point.model;
    this.#point = point;
    this.network = new VirtualNetwork(this.clock, { ...point.model, routes, globalLimit });
    this.manager = new RESTBucketManager({
      clock: this.clock,
      globalLimit: globalLimit ?? Number.POSITIVE_INFINITY,
    });
    this.ends = point.requests.map(() => []);
    this.controllers = point.requests.map(() => new AbortController());
    this.#watchPermits();
  }

  /** Sends all requests at once. */
  start(send: Send): void {
    this.#point.requests.forEach((planned, mark) => {
      this.#asking = mark;
      const promise = send(mark, planned, this.signal(mark));
      promise.then(
        (value) => (this.results[mark] = { status: 'fulfilled', value }),
        (reason: unknown) => (this.results[mark] = { status: 'rejected', reason }),
      );
    });
  }

  signal(mark: number): AbortSignal {
    return (this.controllers[mark] as AbortController).signal;
  }

  listeners(): number[] {
    return this.controllers.map(({ signal }) => getEventListeners(signal, 'abort').length);
  }

  /** Checks that every slot is back, and that no timer or listener is left. */
  expectAtRest(): void {
    for (const { inFlight, queueSize, remaining, limit } of this.manager.realHashesToBuckets.values()) {
      expect({ inFlight, queueSize, remaining }).toEqual({ inFlight: 0, queueSize: 0, remaining: limit });
    }
    expect(this.clock.pendingTimers).toBe(0);
    expect(this.listeners()).toEqual(this.controllers.map(() => 0));
  }

  /** Checks that no slot is missing: as many requests leave at once as the bucket and the global limit allow. */
  async expectWholeLimit(): Promise<void> {
    const route = Route.match(this.#point.method, '/channels/1');
    const { limit } = this.manager.getBucket(route, { authorization: 'Bot one' });
    const count = Math.min(limit, this.manager.globalLimit);
    const permits: Permit[] = [];
    for (let index = 0; index < count; index++) {
      const options = { authorization: 'Bot one', concurrency: 'parallel' } as const;
      void this.manager.acquire(route, options).then((permit) => permits.push(permit));
    }
    await this.clock.advance(0);
    expect(permits).toHaveLength(count);
    for (const permit of permits) permit.cancel('unsent');
  }

  #watchPermits(): void {
    const acquire = this.manager.acquire.bind(this.manager);
    vi.spyOn(this.manager, 'acquire').mockImplementation(async (...parameters) => {
      const ends = this.ends[this.#asking] ?? [];
      const watch = (permit: Awaited<ReturnType<typeof acquire>>) => {
        const { complete, cancel, retry } = permit;
        permit.complete = (source) => {
          ends.push('complete');
          return complete.call(permit, source);
        };
        permit.cancel = (reason: CancelReason = 'abandoned') => {
          ends.push(reason);
          cancel.call(permit, reason);
        };
        permit.retry = async (options) => watch(await retry.call(permit, options));
        return permit;
      };
      return watch(await acquire(...parameters));
    });
  }
}

const BASE = 'https://discord.test/api/v10';

function marked(mark: number): Record<string, string> {
  return { 'x-simulator-mark': String(mark) };
}

function clientSend({ manager, network }: Scenario, { method }: Point): Send {
  const client = new RESTClient({ token: 'one', baseURL: BASE, manager, fetch: network.fetch, random: () => 0.999 });
  return (mark, { json }, signal) => client.fetch('/channels/1', { method, json, headers: marked(mark), signal });
}

function fetchSend({ manager, network }: Scenario, { method }: Point): Send {
  const fetch: Fetch = limitedFetch({ manager, fetch: network.fetch });
  return async (mark, { json }, signal) => {
    const headers = { authorization: 'Bot one', 'content-type': 'application/json', ...marked(mark) };
    const body = json === undefined ? null : JSON.stringify(json);
    const response = await fetch(`${BASE}/channels/1`, { method, headers, body, signal });
    return response.text();
  };
}

async function playPoint(
  point: Point,
  ends: readonly string[],
  sendOf: (scenario: Scenario, point: Point) => Send,
): Promise<void> {
  const { victim, abortAt, sent, requests } = point;
  const scenario = new Scenario(point);
  const { clock, network, controllers, results } = scenario;
  scenario.start(sendOf(scenario, point));
  await clock.advance(abortAt);
  const reason = { gave: 'up' };
  expect(results[victim]).toBeUndefined();
  expect(network.sent.filter((mark) => mark === victim)).toHaveLength(sent);
  controllers[victim]?.abort(reason);
  await clock.advance(0);
  expect((results[victim] as PromiseRejectedResult | undefined)?.reason).toBe(reason);
  expect(getEventListeners(scenario.signal(victim), 'abort')).toHaveLength(0);
  await clock.runAll();
  const others = requests.map((_, mark) => mark).filter((mark) => mark !== victim);
  expect(others.map((mark) => results[mark]?.status)).toEqual(others.map(() => 'fulfilled'));
  expect(scenario.ends[victim]).toEqual(ends);
  expect(network.sent.filter((mark) => mark === victim)).toHaveLength(sent);
  expect(network.arrived.filter((mark) => mark !== victim)).toEqual(point.order ?? others);
  await clock.advance(20_000);
  scenario.expectAtRest();
  await scenario.expectWholeLimit();
  scenario.manager.close();
}

const PLAIN: Point = {
  name: 'plain',
  method: 'POST',
  model: { routes: [rule('POST')] },
  requests: many(3),
  victim: 1,
  abortAt: 0,
  sent: 0,
  ends: [],
};

const SENDERS = [
  ['RESTClient', clientSend],
  ['limitedFetch', fetchSend],
] as const;

describe.each(SENDERS)('%s', (_, sendOf) => {
  it('sends nothing when the request is aborted before', async () => {
    const scenario = new Scenario(PLAIN);
    const reason = { gave: 'up' };
    scenario.controllers[1]?.abort(reason);
    scenario.start(sendOf(scenario, PLAIN));
    await scenario.clock.runAll();
    expect(scenario.results[1]).toEqual({ status: 'rejected', reason });
    expect(scenario.network.sent).toEqual([0, 2]);
    expect(scenario.ends[1]).toEqual([]);
    await scenario.clock.advance(20_000);
    scenario.expectAtRest();
  });

  it('stops listening when the requests are done; a late abort changes nothing', async () => {
    const scenario = new Scenario(PLAIN);
    scenario.start(sendOf(scenario, PLAIN));
    // The others wait behind the first.
    expect(scenario.listeners().slice(1)).toEqual([1, 1]);
    await scenario.clock.runAll();
    expect(scenario.listeners()).toEqual([0, 0, 0]);
    for (const controller of scenario.controllers) controller.abort('late');
    await scenario.clock.advance(20_000);
    expect(scenario.results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(scenario.ends).toEqual([['complete'], ['complete'], ['complete']]);
    scenario.expectAtRest();
    await scenario.expectWholeLimit();
  });
});

describe('RESTClient, aborted', () => {
  it.each(POINTS.map((point) => [point.name, point] as const))('%s', async (_, point) => {
    await playPoint(point, point.clientEnds ?? point.ends, clientSend);
  });
});

describe('limitedFetch, aborted', () => {
  it.each(POINTS.filter(({ clientOnly }) => !clientOnly).map((point) => [point.name, point] as const))(
    '%s',
    async (_, point) => {
      await playPoint(point, point.ends, fetchSend);
    },
  );
});
