import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { type ExchangeParties, Exchanges } from '../../src/coordination/exchanges.js';

const HEARTBEAT = 3_000;
const RETRY = 150;

/** Two ends that do as the test says. Requests are numbers, from 1. */
class ScriptedParties implements ExchangeParties<number, string> {
  readonly clock = new VirtualClock(1_000);
  readonly heartbeat = HEARTBEAT;
  /** Whether each request so far was the last for now. */
  readonly sent: boolean[] = [];
  readonly replies: string[] = [];
  readonly failures: string[] = [];
  closes = 0;
  isKnown = true;
  isQuiet = false;
  /** Makes the callback of this name throw. */
  broken: 'collect' | 'send' | 'onReply' | 'onFailure' | undefined;
  end: { reply(reply: string): void; fail(error: unknown): void } = { reply: () => {}, fail: () => {} };

  isCountedOn(): boolean {
    return this.isKnown;
  }

  isIdle(): boolean {
    return this.isQuiet;
  }

  whenReady(collect: () => void): void {
    queueMicrotask(collect);
  }

  collect(isLast: boolean): number {
    this.#breakIn('collect');
    return this.sent.push(isLast);
  }

  send(): Promise<string> {
    this.#breakIn('send');
    return new Promise((reply, fail) => {
      this.end = { reply, fail };
    });
  }

  onReply(reply: string): void {
    this.replies.push(reply);
    this.#breakIn('onReply');
  }

  onFailure(reason: string): number {
    this.failures.push(reason);
    this.#breakIn('onFailure');
    return RETRY;
  }

  close(): void {
    this.closes++;
  }

  #breakIn(name: string): void {
    if (this.broken === name) throw new TypeError(`broken in ${name}`);
  }
}

let parties: ScriptedParties;
let exchanges: Exchanges<number, string>;
beforeEach(() => {
  parties = new ScriptedParties();
  exchanges = new Exchanges(parties);
});
afterEach(() => {
  exchanges.close();
  expect(parties.clock.pendingTimers).toBe(0);
});

async function request(): Promise<void> {
  exchanges.request();
  await parties.clock.advance(0);
}

async function reply(): Promise<void> {
  parties.end.reply('reply');
  await parties.clock.advance(0);
}

async function fail(error: unknown): Promise<void> {
  parties.end.fail(error);
  await parties.clock.advance(0);
}

describe('Exchanges', () => {
  it('take everything that is requested at once in one exchange', async () => {
    exchanges.request();
    exchanges.request();
    await request();
    expect(parties.sent).toEqual([false]);
  });

  it('do not overlap: a request during an exchange waits for its reply', async () => {
    await request();
    await request();
    expect(parties.sent).toHaveLength(1);
    expect(exchanges.hasUnsent).toBe(true);
    await reply();
    await request();
    expect(parties.sent).toHaveLength(2);
    expect(exchanges.hasUnsent).toBe(false);
  });

  it('send one heartbeat after a quiet time, however often one is asked for', async () => {
    exchanges.keepAlive();
    await parties.clock.advance(HEARTBEAT - 1);
    exchanges.keepAlive();
    expect(parties.sent).toEqual([]);
    await parties.clock.advance(1);
    expect(parties.sent).toEqual([false]);
  });

  it('send no heartbeat beside another exchange', async () => {
    exchanges.keepAlive();
    await request();
    exchanges.keepAlive();
    await parties.clock.advance(2 * HEARTBEAT);
    expect(parties.sent).toEqual([false]);
  });

  it('retry a failed exchange after the delay that the failure asks for', async () => {
    await request();
    await fail(new Error('gone'));
    expect(parties.failures).toEqual(['gone']);
    await parties.clock.advance(RETRY - 1);
    expect(parties.sent).toHaveLength(1);
    await parties.clock.advance(1);
    expect(parties.sent).toHaveLength(2);
  });

  it('give a reason even if the error is not an Error', async () => {
    await request();
    await fail('gone');
    expect(parties.failures).toEqual(['gone']);
  });

  it('leave with a heartbeat when idle, and send no more until something is requested', async () => {
    parties.isQuiet = true;
    exchanges.keepAlive();
    await parties.clock.advance(HEARTBEAT);
    expect(parties.sent).toEqual([true]);
    await reply();
    exchanges.keepAlive();
    await parties.clock.advance(3 * HEARTBEAT);
    expect(parties.sent).toEqual([true]);
    await request();
    expect(parties.sent).toEqual([true, false]);
  });

  it.each([
    { name: 'something is unsent', prepare: () => exchanges.noteUnsent() },
    {
      name: 'the other end does not count on this one',
      prepare: () => {
        parties.isKnown = false;
      },
    },
  ])('do not leave with a heartbeat when $name', async ({ prepare }) => {
    parties.isQuiet = true;
    prepare();
    exchanges.keepAlive();
    await parties.clock.advance(HEARTBEAT);
    expect(parties.sent).toEqual([false]);
  });

  it('send heartbeats again after leaving when something is held', async () => {
    parties.isQuiet = true;
    exchanges.keepAlive();
    await parties.clock.advance(HEARTBEAT);
    await reply();
    exchanges.noteHeld();
    exchanges.keepAlive();
    parties.isQuiet = false;
    await parties.clock.advance(HEARTBEAT);
    expect(parties.sent).toEqual([true, false]);
  });

  it('leave when closed, after the exchange in flight, and send nothing after that', async () => {
    await request();
    exchanges.close();
    await parties.clock.advance(0);
    expect(parties.sent).toEqual([false]);
    await reply();
    expect(parties.sent).toEqual([false, true]);
    expect(parties.replies).toEqual([]);
    await reply();
    await request();
    await parties.clock.advance(3 * HEARTBEAT);
    expect(parties.sent).toEqual([false, true]);
  });

  it('end without a farewell when closed while the other end does not count on this one', () => {
    parties.isKnown = false;
    exchanges.close();
    expect({ sent: parties.sent, closes: parties.closes }).toEqual({ sent: [], closes: 1 });
  });
});

describe('Exchanges after an exception, which must not end the process', () => {
  it.each(['collect', 'send', 'onReply', 'onFailure'] as const)('go on after one in %s', async (name) => {
    parties.broken = name;
    await request();
    if (name === 'onReply') await reply();
    if (name === 'onFailure') await fail(new Error('gone'));
    expect(parties.failures).toEqual([name === 'onFailure' ? 'gone' : `broken in ${name}`]);
    parties.broken = undefined;
    await parties.clock.advance(name === 'onFailure' ? HEARTBEAT : RETRY);
    await reply();
    expect(parties.replies.at(-1)).toBe('reply');
  });

  it('do not hasten after one that follows a request in the same reply', async () => {
    await request();
    parties.broken = 'onReply';
    parties.end.reply('reply');
    // As a reply does that leads to more to ask, before the exception.
    parties.onReply = () => {
      exchanges.request();
      throw new TypeError('broken');
    };
    await parties.clock.advance(RETRY - 1);
    expect(parties.sent).toHaveLength(1);
    await parties.clock.advance(1);
    expect(parties.sent).toHaveLength(2);
  });

  it('close once, so that a store that cannot be closed twice is no harm', async () => {
    await request();
    await reply();
    exchanges.close();
    await reply();
    expect(parties.closes).toBe(1);
  });
});
