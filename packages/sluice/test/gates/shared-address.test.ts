import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AddressNews,
  type AddressReply,
  type AddressRequest,
  type Coordinator,
  InvalidRequestLimitError,
  type InvalidRequestOptions,
  RateLimitTooLongError,
  type RESTBucketManager,
  type SharedAddress,
  type SharedStore,
} from '../../src/index.js';
import { history } from '../buckets/requests.js';
import { ask, clock, limiter, startClock } from '../rig.js';

const PERIOD = 60_000;
const FORBIDDEN = { status: 403, headers: {} };

/** A store that shares nothing but the address. */
class AddressStore implements Coordinator {
  readonly onUnavailable = 'local';
  readonly lease = 10_000;
  readonly processes = 1;
  readonly requests: AddressRequest[] = [];
  isAddressOpen = false;
  #news: (news: AddressNews) => void = () => {};
  #version = 0;

  open(): SharedStore {
    const exchange = () => Promise.reject(new Error('Buckets are not shared'));
    return { whenReady: queueMicrotask, exchange, close: () => {} };
  }

  openAddress(onNews: (news: AddressNews) => void): SharedAddress {
    this.#news = onNews;
    this.isAddressOpen = true;
    const close = () => {
      this.isAddressOpen = false;
    };
    return { exchange: (request) => this.#exchange(request), close };
  }

  /** Reports what another process has counted. */
  async publish(news: AddressNews): Promise<void> {
    this.#news({ version: ++this.#version, ...news });
    await clock.advance(0);
  }

  async #exchange(request: AddressRequest): Promise<AddressReply> {
    this.requests.push(request);
    return { invalid: [], processes: 2, version: this.#version };
  }
}

let store: AddressStore;
let manager: RESTBucketManager;

beforeEach(() => startClock(0));

async function share(invalidRequests: InvalidRequestOptions): Promise<void> {
  store = new AddressStore();
  manager = limiter({ coordinator: store, invalidRequests, globalLimit: Number.POSITIVE_INFINITY });
  await clock.advance(0);
}

describe('an address that several processes share', () => {
  it('is held here by the invalid answers of all of them', async () => {
    await share({ limit: 3, period: PERIOD, margin: 0 });
    await store.publish({ invalid: [[0, 3]] });
    expect(manager.invalidRequests.count).toBe(3);
    expect((await ask(1, () => manager.acquire(history()))).pending).toBe(1);
  });

  it('rejects waiting requests when other processes reach the limit, if the option says so', async () => {
    await share({ limit: 3, period: PERIOD, margin: 0, onLimit: 'reject' });
    const first = await manager.acquire(history());
    const waiting = await ask(1, () => manager.acquire(history()));
    await store.publish({ invalid: [[0, 3]] });
    expect(waiting.errors).toEqual([expect.any(InvalidRequestLimitError)]);
    first.cancel('unsent');
  });

  it('is banned here when another process is banned', async () => {
    await share({ limit: 100, period: PERIOD });
    const first = await manager.acquire(history());
    const waiting = await ask(1, () => manager.acquire(history()));
    await store.publish({ bannedFor: 400_000 });
    expect(waiting.errors).toEqual([expect.any(RateLimitTooLongError)]);
    expect(manager.invalidRequests.bannedUntil).toBe(400_000);
    first.cancel('unsent');
  });

  it('is reported to the store: invalid answers and bans', async () => {
    await share({ limit: 100, period: PERIOD });
    (await manager.acquire(history())).complete(FORBIDDEN);
    await clock.advance(100);
    expect(store.requests.flatMap(({ invalid }) => invalid)).toEqual([[50, 1]]);
    (await manager.acquire(history())).complete({ status: 429, headers: { 'Retry-After': '60' }, body: '<html>' });
    await clock.advance(1);
    expect(store.requests.at(-1)?.ban).toBe(60_000);
  });

  it('is given up when the last manager is closed', async () => {
    await share({ limit: 100, period: PERIOD });
    expect(store.isAddressOpen).toBe(true);
    manager.close();
    await clock.advance(0);
    expect(store.isAddressOpen).toBe(false);
  });
});
