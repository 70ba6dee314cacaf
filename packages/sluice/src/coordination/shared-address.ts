import type { Clock, Timer } from '../clock/clock.js';
import type { InvalidCount } from '../rules/invalid-requests.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { AddressNews, AddressReply, AddressRequest, Coordinator, SharedAddress } from './coordinator.js';

/** The time between two exchanges when nothing else causes one, in ms. It repairs lost news. */
const REFRESH: Duration = 60_000;

/** How long invalid responses are collected for one exchange, in ms: they come in floods. */
const COLLECT: Duration = 50;

/** The guard of the address. */
export interface AddressHost {
  readonly clock: Clock;
  /** The period over which invalid responses count, in ms. */
  readonly period: Duration;
  /** All counts of other processes, in place of earlier ones. */
  onOthers(counted: readonly InvalidCount[], processes: number): void;
  /** Other processes have counted more. */
  onMore(counted: readonly InvalidCount[]): void;
  onBanned(until: LocalInstant): void;
}

/** The exchanges of one process about the invalid requests of its IP address, one at a time. */
export class AddressExchanges {
  readonly #host: AddressHost;
  readonly #address: SharedAddress;
  #unreported: InvalidCount[] = [];
  #bannedUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** The version of the counts that this process knows. */
  #version = 0;
  /** Whether the last reply was older than that. */
  #isBehind = false;
  #isExchanging = false;
  #timer: { readonly at: LocalInstant; readonly timer: Timer } | undefined;
  #isClosed = false;

  constructor(coordinator: Coordinator, host: AddressHost) {
    this.#host = host;
    this.#address = coordinator.openAddress((news) => this.#onNews(news));
    this.#exchange();
  }

  /** This process got an invalid response. */
  reportInvalid(at: LocalInstant): void {
    const latest = this.#unreported.at(-1);
    if (latest !== undefined && at - latest.at < COLLECT)
      this.#unreported[this.#unreported.length - 1] = { at, count: latest.count + 1 };
    else this.#unreported.push({ at, count: 1 });
    this.#wakeAt(this.#host.clock.now() + COLLECT);
  }

  /** The server bans the address. */
  reportBan(until: LocalInstant): void {
    this.#bannedUntil = until;
    this.#wakeAt(this.#host.clock.now());
  }

  /** Reports the responses that have not been reported yet. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    if (!this.#isExchanging) this.#end();
  }

  #end(): void {
    // Nobody can report them again if this fails.
    if (this.#unreported.length > 0) this.#address.exchange(this.#collect()).catch(() => {});
    this.#address.close();
  }

  #collect(): AddressRequest {
    const { clock, period } = this.#host;
    const now = clock.now();
    const invalid = this.#unreported.map(({ at, count }) => [now - at, count] as const);
    this.#unreported = [];
    return { invalid, period, ...(this.#bannedUntil > now && { ban: this.#bannedUntil - now }) };
  }

  async #exchange(): Promise<void> {
    if (this.#isExchanging || this.#isClosed) return;
    this.#isExchanging = true;
    const { clock } = this.#host;
    const reported = this.#unreported;
    try {
      this.#onReply(await this.#address.exchange(this.#collect()));
    } catch {
      // The next exchange reports them again. Until then, they count in this process.
      this.#unreported = [...reported, ...this.#unreported];
    }
    this.#isExchanging = false;
    if (this.#isClosed) {
      this.#end();
      return;
    }
    this.#wakeAt(clock.now() + (this.#unreported.length > 0 ? COLLECT * 20 : REFRESH));
  }

  #onReply({ invalid, processes, bannedFor, version }: AddressReply): void {
    if (this.#isClosed) return;
    const now = this.#host.clock.now();
    if (bannedFor !== undefined) this.#host.onBanned(now + bannedFor);
    // News may have overtaken the reply, which is incomplete then. Twice in a row: the store has forgotten everything.
    this.#isBehind = version < this.#version && !this.#isBehind;
    if (this.#isBehind) {
      this.#wakeAt(now + COLLECT);
      return;
    }
    this.#host.onOthers(datedFrom(invalid, now), processes);
    this.#version = version;
  }

  #onNews({ invalid = [], bannedFor, version = 0, isGap }: AddressNews): void {
    if (this.#isClosed) return;
    const now = this.#host.clock.now();
    if (bannedFor !== undefined) this.#host.onBanned(now + bannedFor);
    if (version === this.#version + 1) {
      this.#host.onMore(datedFrom(invalid, now));
      this.#version = version;
    } else if (isGap || version > this.#version) {
      this.#wakeAt(now + COLLECT);
    }
  }

  #wakeAt(at: LocalInstant): void {
    if (this.#isClosed || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const wake = () => {
      this.#timer = undefined;
      void this.#exchange();
    };
    this.#timer = { at, timer: this.#host.clock.setTimer(at, wake, { keepsProcessAlive: false }) };
  }
}

function datedFrom(counts: AddressReply['invalid'], now: LocalInstant): InvalidCount[] {
  return [...counts].map(([age, count]) => ({ at: now - age, count }));
}
