import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { AddressNews, AddressReply, AddressRequest, SharedAddress } from '../../src/coordination/coordinator.js';
import { AddressExchanges } from '../../src/coordination/shared-address.js';
import { ScriptedStore } from './scripted-store.js';

const PERIOD = 600_000;
const NOTHING: AddressReply = { invalid: [], processes: 1, version: 0 };

/** An address whose exchanges the test ends. */
class ScriptedAddress extends ScriptedStore {
  readonly requests: AddressRequest[] = [];
  news: (news: AddressNews) => void = () => {};
  end: { reply(reply: AddressReply): void; fail(error: Error): void } = { reply: () => {}, fail: () => {} };
  closes = 0;

  override openAddress(onNews: (news: AddressNews) => void): SharedAddress {
    this.news = onNews;
    const exchange = (request: AddressRequest) => {
      this.requests.push(request);
      return new Promise<AddressReply>((reply, fail) => {
        this.end = { reply, fail };
      });
    };
    const close = () => {
      this.closes++;
    };
    return { exchange, close };
  }
}

let clock: VirtualClock;
let address: ScriptedAddress;
let exchanges: AddressExchanges;
/** What the guard was told, oldest first. */
let told: unknown[];

beforeEach(async () => {
  clock = new VirtualClock(1_000_000);
  address = new ScriptedAddress();
  told = [];
  exchanges = new AddressExchanges(address, {
    clock,
    period: PERIOD,
    onOthers: (counted, processes) => told.push({ all: counted, processes }),
    onMore: (counted) => told.push({ more: counted }),
    onBanned: (until) => told.push({ until }),
  });
  await clock.advance(0);
});

afterEach(() => {
  exchanges.close();
  expect(clock.pendingTimers).toBe(0);
});

async function reply(more: Partial<AddressReply> = {}): Promise<void> {
  address.end.reply({ ...NOTHING, ...more });
  await clock.advance(0);
}

async function fail(): Promise<void> {
  address.end.fail(new Error('gone'));
  await clock.advance(0);
}

describe('AddressExchanges', () => {
  it('ask for the counts of other processes at once, and again after a minute', async () => {
    expect(address.requests).toEqual([{ invalid: [], period: PERIOD }]);
    await reply({ invalid: [[400, 7]], processes: 3 });
    expect(told).toEqual([{ all: [{ at: 999_600, count: 7 }], processes: 3 }]);
    await clock.advance(59_999);
    expect(address.requests).toHaveLength(1);
    await clock.advance(1);
    expect(address.requests).toHaveLength(2);
  });

  it('report a flood of invalid responses in one exchange, and each only once', async () => {
    await reply();
    for (let count = 0; count < 100; count++) exchanges.reportInvalid(clock.now());
    await clock.advance(49);
    expect(address.requests).toHaveLength(1);
    await clock.advance(1);
    expect(address.requests[1]?.invalid).toEqual([[50, 100]]);
    await reply();
    await clock.advance(60_000);
    expect(address.requests[2]?.invalid).toEqual([]);
  });

  it('report the age of invalid responses, however long the exchange before lasts', async () => {
    exchanges.reportInvalid(clock.now());
    await clock.advance(200);
    exchanges.reportInvalid(clock.now());
    await clock.advance(300);
    expect(address.requests).toHaveLength(1);
    await reply();
    await clock.advance(1_000);
    expect(address.requests[1]?.invalid).toEqual([
      [1_500, 1],
      [1_300, 1],
    ]);
  });

  it('report a ban at once, and how long it still lasts', async () => {
    await reply();
    exchanges.reportBan(clock.now() + 3_000);
    await clock.advance(0);
    expect(address.requests[1]).toMatchObject({ ban: 3_000 });
    await reply();
    await clock.advance(60_000);
    expect(address.requests[2]).not.toHaveProperty('ban');
  });

  it('retry once a second while the store cannot be reached, not in a flood, and lose no invalid response', async () => {
    exchanges.reportInvalid(clock.now());
    await fail();
    const { length } = address.requests;
    for (let second = 0; second < 5; second++) {
      await clock.advance(1_000);
      await fail();
    }
    expect(address.requests.length - length).toBe(5);
    expect(address.requests.at(-1)?.invalid).toEqual([[5_000, 1]]);
  });

  it('retry after a minute when there is nothing to report', async () => {
    await fail();
    await clock.advance(59_999);
    expect(address.requests).toHaveLength(1);
    await clock.advance(1);
    expect(address.requests).toHaveLength(2);
  });

  it('learn a ban from a reply and from news', async () => {
    await reply({ bannedFor: 5_000 });
    address.news({ bannedFor: 7_000 });
    expect(told.filter((each) => Object.hasOwn(Object(each), 'until'))).toEqual([
      { until: 1_005_000 },
      { until: 1_007_000 },
    ]);
  });

  it('count more by the news that follow a reply, without another exchange', async () => {
    await reply({ version: 4 });
    address.news({ invalid: [[10, 2]], version: 5 });
    expect(told.at(-1)).toEqual({ more: [{ at: 999_990, count: 2 }] });
    await clock.advance(1_000);
    expect(address.requests).toHaveLength(1);
  });

  it.each([
    { name: 'news were missed', news: { invalid: [[10, 2]], version: 6 } },
    { name: 'news may have been missed', news: { isGap: true } },
  ] as const)('ask for all counts again when $name', async ({ news }) => {
    await reply({ version: 4 });
    address.news(news);
    expect(told).toHaveLength(1);
    await clock.advance(50);
    expect(address.requests).toHaveLength(2);
  });

  it('do not count news twice that the reply contains', async () => {
    await reply({ version: 4 });
    address.news({ invalid: [[10, 2]], version: 4 });
    await clock.advance(1_000);
    expect(told).toHaveLength(1);
    expect(address.requests).toHaveLength(1);
  });

  it('ask again when news overtook the reply, and then believe a store that has forgotten everything', async () => {
    await reply({ version: 4 });
    exchanges.reportInvalid(clock.now());
    await clock.advance(50);
    address.news({ invalid: [[0, 1]], version: 5 });
    await reply({ version: 4, processes: 9 });
    expect(told).toHaveLength(2);
    await clock.advance(50);
    expect(address.requests).toHaveLength(3);
    await reply({ version: 1, processes: 2 });
    expect(told.at(-1)).toEqual({ all: [], processes: 2 });
  });

  it('report the last invalid responses when closed, and end after that', async () => {
    await reply();
    exchanges.reportInvalid(clock.now());
    exchanges.close();
    expect(address.requests[1]?.invalid).toEqual([[0, 1]]);
    await fail();
    expect({ requests: address.requests.length, closes: address.closes }).toEqual({ requests: 2, closes: 1 });
  });

  it('wait for the exchange in flight when closed, and tell the guard nothing more', async () => {
    exchanges.reportInvalid(clock.now());
    exchanges.close();
    expect(address.closes).toBe(0);
    await reply({ bannedFor: 5_000 });
    address.news({ bannedFor: 7_000 });
    expect({ told, requests: address.requests.length, closes: address.closes }).toEqual({
      told: [],
      requests: 2,
      closes: 1,
    });
  });
});
