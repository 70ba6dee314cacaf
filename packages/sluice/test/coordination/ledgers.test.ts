import { beforeEach, describe, expect, it } from 'vitest';
import type { BucketReply, MaskedCount, Report } from '../../src/coordination/coordinator.js';
import type { BucketIdentity, Ledger, SharedBucket } from '../../src/coordination/ledger.js';
import { Ledgers } from '../../src/coordination/ledgers.js';

const PERIOD = 3_000;

/** A bucket with the fields that a test sets. */
class PlainBucket implements SharedBucket {
  identity: BucketIdentity;
  inFlightByMask: number | readonly MaskedCount[] = 0;
  demand: readonly MaskedCount[] = [];
  readonly isDemandExempt = false;
  readonly knownWindow = { limit: 5, period: 1_000 };
  readonly subVersion = 0;

  constructor(name: string) {
    this.identity = { name };
  }

  ownWait(): number {
    return 0;
  }

  reportedSubLimits() {
    return [];
  }

  restate(): Omit<Report, 'age'> {
    return { limit: 5, remaining: 3, resetAfter: 700 };
  }

  learnFromStore(): void {}

  dispatch(): void {}
}

let ledgers: Ledgers;
beforeEach(() => {
  ledgers = new Ledgers(PERIOD);
});

function openDue(bucket: SharedBucket): Ledger {
  const ledger = ledgers.open(bucket);
  ledgers.setDue(ledger);
  return ledger;
}

function namesIn({ buckets }: { readonly buckets: readonly { readonly name: string }[] }): string[] {
  return buckets.map(({ name }) => name);
}

function grant(ledger: Ledger, reply: BucketReply = { granted: [[0, 2]] }): void {
  ledger.credit(reply, 1_000_000, 0);
}

describe('Ledgers', () => {
  it('name a due bucket in one exchange, and not in the next', () => {
    const ledger = openDue(new PlainBucket('a'));
    expect(ledgers.hasDue).toBe(true);
    expect(ledgers.take(0).ledgers).toEqual([ledger]);
    expect(ledgers.hasDue).toBe(false);
    expect(ledgers.take(0).buckets).toEqual([]);
    expect(ledgers.named('a')).toBe(ledger);
  });

  it('name at most 128 buckets in an exchange, and the rest in the next', () => {
    for (let index = 0; index < 200; index++) openDue(new PlainBucket(String(index)));
    expect(ledgers.take(0).buckets).toHaveLength(128);
    expect(ledgers.take(0).buckets).toHaveLength(72);
  });

  it('tell the store of a window once, and again after it has forgotten everything', () => {
    const bucket = new PlainBucket('a');
    const take = () => {
      openDue(bucket);
      return ledgers.take(0).buckets[0]?.reports;
    };
    const restated = [{ limit: 5, remaining: 3, resetAfter: 700, age: 0 }];
    expect([take(), take()]).toEqual([restated, undefined]);
    ledgers.restateWindows();
    expect(take()).toEqual(restated);
  });

  it('give up the old name of a bucket that has got another one, so that no request waits for it there', () => {
    const bucket = new PlainBucket('old');
    bucket.inFlightByMask = 1;
    openDue(bucket);
    ledgers.take(0);
    bucket.identity = { name: 'new' };
    openDue(bucket);
    expect(ledgers.take(0).buckets).toMatchObject([
      { name: 'new', held: 1 },
      { name: 'old', held: 0 },
    ]);
    expect(ledgers.named('old')).toBeUndefined();
  });

  it('do not give up a name that another bucket has got', () => {
    const first = new PlainBucket('a');
    const second = new PlainBucket('b');
    first.inFlightByMask = second.inFlightByMask = 1;
    openDue(first);
    ledgers.take(0);
    first.identity = { name: 'c' };
    second.identity = { name: 'a' };
    openDue(first);
    openDue(second);
    expect(ledgers.take(0).buckets).toMatchObject([
      { name: 'c', held: 1 },
      { name: 'a', held: 1 },
    ]);
  });

  it('repeat everything that the store did not hear, a name given up included', () => {
    const bucket = new PlainBucket('old');
    bucket.inFlightByMask = 1;
    openDue(bucket);
    ledgers.take(0);
    bucket.identity = { name: 'new' };
    openDue(bucket).report({ lost: 1, receivedAt: 0 });
    const unheard = ledgers.take(100);
    ledgers.restore(unheard, 100);
    expect(ledgers.take(250).buckets).toMatchObject([
      { name: 'new', reports: [{ lost: 1, age: 250 }] },
      { name: 'old', held: 0 },
    ]);
  });

  it('state every bucket in use that the store has not just heard of', () => {
    const heard = openDue(new PlainBucket('heard'));
    ledgers.take(0);
    const unheard = ledgers.open(new PlainBucket('unheard'));
    grant(unheard);
    ledgers.restate([heard, undefined], [new PlainBucket('unopened'), heard.bucket]);
    expect(unheard.hasCredits).toBe(false);
    expect(namesIn(ledgers.take(0))).toEqual(['unheard', 'unopened']);
  });

  it('state buckets whose grants are given up', () => {
    const ledger = ledgers.open(new PlainBucket('a'));
    ledgers.open(new PlainBucket('b'));
    grant(ledger);
    ledger.askFrom(Number.POSITIVE_INFINITY);
    ledgers.dropCredits();
    expect({ credits: ledger.credits, askAt: ledger.askAt(0) }).toEqual({ credits: 0, askAt: 0 });
    expect(namesIn(ledgers.take(0))).toEqual(['a']);
  });

  it('are settled when nothing is held, waited for or to be reported', () => {
    const bucket = new PlainBucket('a');
    const ledger = openDue(bucket);
    expect(ledgers.areSettled).toBe(false);
    bucket.inFlightByMask = 1;
    ledgers.take(0);
    expect(ledgers.areSettled).toBe(false);
    bucket.inFlightByMask = 0;
    ledgers.setIdle(ledger);
    expect(ledgers.areSettled).toBe(false);
    ledgers.setDue(ledger);
    ledgers.take(0);
    expect(ledgers.areSettled).toBe(true);
  });

  it('keep a bucket that the store counts requests in', () => {
    const bucket = new PlainBucket('a');
    bucket.inFlightByMask = 1;
    const ledger = openDue(bucket);
    ledgers.take(0);
    ledgers.forgetIfSettled(ledger, 'a');
    expect(ledgers.of(bucket)).toBe(ledger);
  });

  it.each([
    ['a report', (ledger: Ledger) => ledger.report({ lost: 1, receivedAt: 0 }), true],
    ['a report that can wait', (ledger: Ledger) => ledgers.setIdle(ledger), true],
    ['something due', (ledger: Ledger) => ledgers.setDue(ledger), true],
    ['nothing', () => {}, false],
  ] as const)('forget a bucket after an exchange unless there is %s', (_, prepare, isKept) => {
    const bucket = new PlainBucket('a');
    const ledger = openDue(bucket);
    ledgers.take(0);
    prepare(ledger);
    ledgers.forgetIfSettled(ledger, 'a');
    expect([ledgers.of(bucket), ledgers.named('a')]).toEqual(isKept ? [ledger, ledger] : [undefined, undefined]);
  });
});

describe('Ledgers, once per period,', () => {
  /** An exchange that begins the period at 0. */
  function begin(): void {
    ledgers.take(0);
  }

  it('report ends that no process waits for, with the next sweep and not the third', () => {
    begin();
    ledgers.setIdle(ledgers.open(new PlainBucket('a')));
    expect(namesIn(ledgers.take(PERIOD - 1))).toEqual([]);
    expect(namesIn(ledgers.take(PERIOD))).toEqual(['a']);
  });

  it('leave buckets in use to their own exchanges, until the third sweep', () => {
    begin();
    const ledger = ledgers.open(new PlainBucket('a'));
    const sweeps = [PERIOD, 2 * PERIOD].map((now) => {
      grant(ledger);
      ledger.spend(0);
      ledgers.setIdle(ledger);
      return namesIn(ledgers.take(now));
    });
    expect(sweeps).toEqual([[], ['a']]);
  });

  it('ask again for waiting requests, because news may have been lost', () => {
    begin();
    const bucket = new PlainBucket('a');
    bucket.demand = [[0, 1]];
    ledgers.open(bucket);
    expect(ledgers.take(PERIOD).buckets).toMatchObject([{ name: 'a', want: [[0, 1]] }]);
  });

  it('give back grants that were not used in the last period', () => {
    begin();
    const ledger = ledgers.open(new PlainBucket('a'));
    grant(ledger);
    ledger.spend(0);
    expect(namesIn(ledgers.take(PERIOD))).toEqual([]);
    expect(ledgers.take(2 * PERIOD).buckets).toMatchObject([{ name: 'a', held: 0 }]);
    expect(ledger.hasCredits).toBe(false);
  });
});

describe('Ledgers while the store cannot be reached', () => {
  const MOST = 10_000;

  function fill(count: number): void {
    for (let index = 0; index < count; index++) openDue(new PlainBucket(String(index)));
  }

  it('keep up to 10,000 buckets', () => {
    fill(MOST);
    ledgers.forgetUnused();
    expect([...ledgers.all()]).toHaveLength(MOST);
  });

  it('keep no name of a bucket that they forget', () => {
    fill(1);
    ledgers.take(0);
    fill(MOST + 1);
    ledgers.forgetUnused();
    expect(ledgers.named('0')).toBeUndefined();
  });

  it('forget all buckets out of use beyond that, so that memory and the first exchange stay small', () => {
    const used = new PlainBucket('used');
    used.inFlightByMask = [[1, 1]];
    const wanted = new PlainBucket('wanted');
    wanted.demand = [[0, 1]];
    openDue(used);
    openDue(wanted);
    fill(MOST);
    ledgers.forgetUnused();
    expect(namesIn(ledgers.take(0))).toEqual(['used', 'wanted']);
    expect([...ledgers.all()]).toHaveLength(2);
  });
});
