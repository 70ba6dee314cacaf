import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RESTBucketManager } from '../../../sluice/src/manager/rest-bucket-manager.js';
import { Route } from '../../../sluice/src/routes/route.js';
import { RedisCoordinator, type RedisCoordinatorOptions } from '../../src/index.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Longer than anything takes that is not lost, even on a machine that is busy. */
const PATIENCE = { timeout: 5_000, interval: 5 };

const ROUTE = Route.match('GET', '/channels/100000000000000001/messages');
/** As it comes from in front of Discord. */
const CLOUDFLARE = { status: 429, headers: { 'retry-after': '600' }, body: '<html>error code: 1015</html>' };

let prefixes = 0;
let prefix = '';
const open: Sender[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sender) => sender.close()));
});

interface SenderOptions extends RedisCoordinatorOptions {
  readonly limit?: number;
  readonly margin?: number;
}

/** One process that sends from an IP address. */
class Sender {
  readonly manager: RESTBucketManager;
  readonly #coordinator: RedisCoordinator;
  readonly #name = open.length;
  #requests = 0;

  constructor({ limit = 10_000, margin = 0, ...redis }: SenderOptions = {}) {
    this.#coordinator = new RedisCoordinator({ url: server.url, prefix, ...redis });
    this.manager = new RESTBucketManager({
      coordinator: this.#coordinator,
      invalidRequests: { limit, margin },
      maxRateLimit: Number.POSITIVE_INFINITY,
    });
    open.push(this);
  }

  get count(): number {
    return this.manager.invalidRequests.count;
  }

  get isHeld(): boolean {
    return this.manager.invalidRequests.heldFor(this.manager.clock.now()) > 0;
  }

  /** Sends with an authorization of its own, so that neither bucket nor lock stands in the way. */
  async send(answer: { status: number; headers?: Record<string, string>; body?: unknown }): Promise<void> {
    this.#requests += 1;
    const permit = await this.manager.acquire(ROUTE, { authorization: `Bot ${this.#name}-${this.#requests}` });
    permit.complete({ headers: {}, ...answer });
  }

  async sendInvalid(...statuses: number[]): Promise<void> {
    for (const status of statuses) await this.send({ status, body: { message: 'no', code: 0, retry_after: 0.001 } });
  }

  async close(): Promise<void> {
    this.manager.close();
    await this.#coordinator.close();
  }
}

function senders(...options: SenderOptions[]): Sender[] {
  prefix = `address-${prefixes++}:`;
  return options.map((each) => new Sender(each));
}

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, PATIENCE);
}

describe('the invalid requests of an IP address', () => {
  it.each([401, 403, 429])('answered %i, are counted in all processes, each once', async (status) => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.sendInvalid(status, status, status);
    await eventually(() => expect([first.count, second.count]).toEqual([3, 3]));
    await second.sendInvalid(status);
    await eventually(() => expect([first.count, second.count]).toEqual([4, 4]));
  });

  it('do not include what is valid, nor refusals of a limit that others use', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.sendInvalid(200, 404, 500);
    await first.send({ status: 429, headers: { 'x-ratelimit-scope': 'shared' }, body: { retry_after: 0.001 } });
    await first.sendInvalid(403);
    await eventually(() => expect(second.count).toBe(1));
    expect(first.count).toBe(1);
  });

  it('are told to a process that comes later', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.sendInvalid(401, 403);
    await eventually(() => expect(second.count).toBe(2));
    const late = new Sender();
    await eventually(() => expect(late.count).toBe(2));
  });

  it('are counted once by processes that come while they are told', async () => {
    const [first] = senders({}) as [Sender];
    const late: Sender[] = [];
    for (let round = 0; round < 20; round++) {
      await first.sendInvalid(403);
      late.push(new Sender());
      await sleep(5);
    }
    await eventually(() => expect(Math.min(...late.map(({ count }) => count))).toBeGreaterThanOrEqual(20));
    expect(late.map(({ count }) => count)).toEqual(late.map(() => 20));
  });

  it('are not counted together for different addresses', async () => {
    const [first, second, third] = senders({ egress: 'a' }, { egress: 'b' }, { egress: 'a' }) as [
      Sender,
      Sender,
      Sender,
    ];
    await first.sendInvalid(401, 401);
    await eventually(() => expect(third.count).toBe(2));
    expect(second.count).toBe(0);
    await first.send(CLOUDFLARE);
    await eventually(() => expect(third.isHeld).toBe(true));
    expect(second.isHeld).toBe(false);
  });

  it('hold all processes at the margin, so that there are no more of them than the limit', async () => {
    const invalid = { limit: 120, margin: 0.5 };
    const both = senders(invalid, invalid);
    const flood = async (sender: Sender) => {
      for (; ; await sleep(5)) await sender.sendInvalid(403);
    };
    // Each ends when it is closed.
    for (const sender of both) flood(sender).catch(() => {});
    await eventually(() => expect(both.map(({ isHeld }) => isHeld)).toEqual([true, true]));
    await sleep(150);
    const [first, second] = both.map(({ count }) => count);
    expect(first).toBe(second);
    expect(first).toBeGreaterThanOrEqual(60);
    expect(first).toBeLessThanOrEqual(120);
  });

  it('remain counted when the process that made them is closed', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.sendInvalid(401, 403);
    await eventually(() => expect(second.count).toBe(2));
    await first.close();
    const third = new Sender();
    await eventually(() => expect(third.count).toBe(2));
    await second.sendInvalid(403);
    await eventually(() => expect(third.count).toBe(3));
  });

  it('are told even by a process that is closed at once', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.sendInvalid(401, 403);
    await first.close();
    await eventually(() => expect(second.count).toBe(2));
  });
});

describe('a ban of an IP address', () => {
  it('that one process meets holds the others', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.send(CLOUDFLARE);
    await eventually(() => expect(second.isHeld).toBe(true));
    const { clock, invalidRequests } = second.manager;
    const heldFor = invalidRequests.heldFor(clock.now());
    expect(heldFor).toBeGreaterThan(590_000);
    expect(heldFor).toBeLessThanOrEqual(600_000 + 1_000);
  });

  it('holds a process that comes when the one that met it is gone', async () => {
    const [first, second] = senders({}, {}) as [Sender, Sender];
    await first.send(CLOUDFLARE);
    await eventually(() => expect(second.isHeld).toBe(true));
    await first.close();
    const late = new Sender();
    await eventually(() => expect(late.isHeld).toBe(true));
  });
});
