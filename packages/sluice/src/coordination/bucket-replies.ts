import type { LocalInstant } from '../rules/units.js';
import type { BucketReply, BucketRequest, StoreNews, StoreReply } from './coordinator.js';
import type { Ledger } from './ledger.js';
import type { BucketRequests, Ledgers } from './ledgers.js';

/** What replies lead to beyond the ledgers. */
export interface BucketRepliesHost {
  /** Names the bucket in the next exchange, which begins soon. */
  ask(ledger: Ledger): void;
  /** Another process learned the bucket hash of a route; `''`: the route has no limits. */
  onRoute(identity: string, hash: string): void;
}

/** What replies and news of the store say of single buckets, entered in the ledgers of these. */
export class BucketReplies {
  readonly #ledgers: Ledgers;
  readonly #host: BucketRepliesHost;

  constructor(ledgers: Ledgers, host: BucketRepliesHost) {
    this.#ledgers = ledgers;
    this.#host = host;
  }

  /** @param grantedAt The store's time of the reply; `undefined` when it came too late to use its grants. */
  onReply(reply: StoreReply, requests: BucketRequests, grantedAt: number | undefined, now: LocalInstant): void {
    for (const [index, ledger] of requests.ledgers.entries()) {
      const asked = requests.buckets[index];
      if (ledger && asked) this.#settle(ledger, asked, reply.buckets[index] ?? {}, grantedAt, now);
    }
  }

  onNews({ held = [], wanted = [], wake = [], isGap }: StoreNews, now: LocalInstant): void {
    for (const name of held) this.#onHeld(this.#ledgers.named(name));
    for (const name of wanted) this.#onWanted(this.#ledgers.named(name));
    for (const [name, wait] of wake) this.#wake(this.#ledgers.named(name), now + wait);
    // News may have been missed, so every waiting request is asked for again.
    if (isGap) for (const ledger of this.#ledgers.all()) this.#wake(ledger, now);
  }

  /** Unused grants go back, as requests of other processes wait for the bucket, and none here. */
  giveWay(ledger: Ledger): void {
    ledger.dropCredits();
    this.#host.ask(ledger);
  }

  #settle(
    ledger: Ledger,
    asked: BucketRequest,
    reply: BucketReply,
    grantedAt: number | undefined,
    now: LocalInstant,
  ): void {
    if (grantedAt === undefined || !ledger.credit(reply, grantedAt, now)) this.#ledgers.setDue(ledger);
    ledger.isWanted = reply.isWanted === true;
    ledger.askAgain(asked, reply, now);
    if (ledger.hasUnsentEnd) ledger.askFrom(0);
    this.#learn(ledger, reply, now);
    ledger.bucket.dispatch();
    if (ledger.blocksOthers) this.giveWay(ledger);
    else if (ledger.isWanted && ledger.hasUnsentEnd) this.#ledgers.setDue(ledger);
    this.#ledgers.forgetIfSettled(ledger, asked.name);
  }

  #learn(ledger: Ledger, reply: BucketReply, now: LocalInstant): void {
    const { bucket } = ledger;
    const { subVersion } = bucket;
    bucket.learnFromStore(reply, now);
    // A grant does not count in a sub-limit that was learned after it.
    if (bucket.subVersion !== subVersion && ledger.hasCredits) {
      ledger.dropCredits();
      this.#ledgers.setDue(ledger);
    }
    if (reply.lacksSubLimits) {
      ledger.unreportedSubLimits.push(...bucket.reportedSubLimits(now));
      this.#ledgers.setDue(ledger);
    }
    if (reply.hash !== undefined && reply.route !== undefined) this.#host.onRoute(reply.route, reply.hash);
  }

  #wake(ledger: Ledger | undefined, at: LocalInstant): void {
    if (ledger === undefined) return;
    ledger.wake(at);
    ledger.bucket.dispatch();
  }

  /** Other processes wait for a bucket. */
  #onWanted(ledger: Ledger | undefined): void {
    if (ledger === undefined) return;
    ledger.isWanted = true;
    if (ledger.bucket.demand.length === 0) this.giveWay(ledger);
    else this.#host.ask(ledger);
  }

  /** A refusal holds a bucket. */
  #onHeld(ledger: Ledger | undefined): void {
    if (ledger === undefined) return;
    ledger.recall();
    this.#host.ask(ledger);
  }
}
