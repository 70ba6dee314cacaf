import type { Clock, Timer } from '../clock/clock.js';
import type { InvalidCount } from '../rules/invalid-requests.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { AddressNews, AddressReply, AddressRequest, Coordinator, SharedAddress } from './coordinator.js';

/** How often what others counted is asked for, in ms, as news may have been lost. */
const REFRESH: Duration = 60_000;

/** How long to collect invalid answers before they are told, in ms; they come in floods. */
const COLLECT: Duration = 50;

/** Whose address it is. */
export interface AddressHost {
  readonly clock: Clock;
  /** The time over which invalid answers are counted. */
  readonly period: Duration;
  /** All that other processes have counted, in place of what was told before. */
  onOthers(counted: readonly InvalidCount[], processes: number): void;
  /** Others have counted more. */
  onMore(counted: readonly InvalidCount[]): void;
  onBanned(until: LocalInstant): void;
}

/** The part that this process has in what all that send from one IP address have counted of invalid requests. */
export class AddressExchanges {
  readonly #host: AddressHost;
  readonly #address: SharedAddress;
  #untold: InvalidCount[] = [];
  #bannedUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** How much of what was told is known here. */
  #version = 0;
  /** Whether the last reply knew less. */
  #isBehind = false;
  #isExchanging = false;
  #timer: { readonly at: LocalInstant; readonly timer: Timer } | undefined;
  #isClosed = false;

  constructor(coordinator: Coordinator, host: AddressHost) {
    this.#host = host;
    this.#address = coordinator.openAddress((news) => this.#onNews(news));
    this.#exchange();
  }

  /** An answer here counted as invalid. */
  reportInvalid(at: LocalInstant): void {
    const latest = this.#untold.at(-1);
    if (latest !== undefined && at - latest.at < COLLECT)
      this.#untold[this.#untold.length - 1] = { at, count: latest.count + 1 };
    else this.#untold.push({ at, count: 1 });
    this.#wakeAt(this.#host.clock.now() + COLLECT);
  }

  /** The server bans the address. */
  reportBan(until: LocalInstant): void {
    this.#bannedUntil = until;
    this.#wakeAt(this.#host.clock.now());
  }

  /** Tells what has not been told yet. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    if (!this.#isExchanging) this.#end();
  }

  #end(): void {
    // What fails of it nobody can tell again.
    if (this.#untold.length > 0) this.#address.exchange(this.#collect()).catch(() => {});
    this.#address.close();
  }

  #collect(): AddressRequest {
    const { clock, period } = this.#host;
    const now = clock.now();
    const invalid = this.#untold.map(({ at, count }) => [now - at, count] as const);
    this.#untold = [];
    return { invalid, period, ...(this.#bannedUntil > now && { ban: this.#bannedUntil - now }) };
  }

  async #exchange(): Promise<void> {
    if (this.#isExchanging || this.#isClosed) return;
    this.#isExchanging = true;
    const { clock } = this.#host;
    const told = this.#untold;
    try {
      this.#onReply(await this.#address.exchange(this.#collect()));
    } catch {
      // Told again with the next exchange; until then, this process counts for itself.
      this.#untold = [...told, ...this.#untold];
    }
    this.#isExchanging = false;
    if (this.#isClosed) {
      this.#end();
      return;
    }
    this.#wakeAt(clock.now() + (this.#untold.length > 0 ? COLLECT * 20 : REFRESH));
  }

  #onReply({ invalid, processes, bannedFor, version }: AddressReply): void {
    if (this.#isClosed) return;
    const now = this.#host.clock.now();
    if (bannedFor !== undefined) this.#host.onBanned(now + bannedFor);
    // News may have overtaken the reply, which then does not tell all; twice in a row, the store has begun anew.
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
