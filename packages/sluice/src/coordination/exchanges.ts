import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';

/** The two ends of an exchange. */
export interface ExchangeParties<Request, Reply> {
  readonly clock: Clock;
  /** The time between two exchanges when nothing else causes one. */
  readonly heartbeat: Duration;
  /** Whether the other end counts on this one. */
  isCountedOn(): boolean;
  /** Whether this end holds nothing, waits for nothing, and has nothing to send. */
  isIdle(): boolean;
  /** Calls back once all is done that can be done at the moment. */
  whenReady(collect: () => void): void;
  /** Takes out everything there is to send. `isLast`: the other end need not count on this one any more. */
  collect(isLast: boolean): Request;
  send(request: Request): Promise<Reply>;
  onReply(reply: Reply, request: Request): void;
  /**
   * An exchange failed.
   * @param unheard The request to take back; `undefined` if it was heard, or could not be collected.
   * @returns the delay before the next exchange.
   */
  onFailure(reason: string, unheard: Request | undefined): Duration;
  /** No exchange follows. One may be in flight. */
  close(): void;
}

/**
 * Exchanges take place one at a time. Each collects everything that came up since the last one, so the more there is to
 * do, the more one round trip does. This class decides when one begins. It does not know the contents.
 */
export class Exchanges<Request, Reply> {
  readonly #parties: ExchangeParties<Request, Reply>;
  #isExchanging = false;
  #isScheduled = false;
  /** Whether there is anything to send since the last exchange began. */
  #hasUnsent = false;
  /** Whether the last exchange gave up everything, and nothing came up since. */
  #hasLeft = false;
  #isClosed = false;
  #hasEnded = false;
  #timer: Timer | undefined;

  constructor(parties: ExchangeParties<Request, Reply>) {
    this.#parties = parties;
  }

  get hasUnsent(): boolean {
    return this.#hasUnsent;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next exchange has something to send, but can wait for the heartbeat. */
  noteUnsent(): void {
    this.#hasUnsent = true;
  }

  /** There is something to give up before the other end may stop counting on this one. */
  noteHeld(): void {
    this.#hasLeft = false;
  }

  /** Begins an exchange soon, or right after the one in flight. */
  request(): void {
    this.#hasUnsent = true;
    this.#hasLeft = false;
    if (this.#isScheduled || this.#isExchanging || this.#isClosed) return;
    this.#isScheduled = true;
    this.#parties.whenReady(() => {
      if (!this.#isScheduled) return;
      this.#isScheduled = false;
      if (!this.#isExchanging && !this.#isClosed) void this.#exchange(false);
    });
  }

  /** Makes sure that a heartbeat follows. */
  keepAlive(): void {
    if (this.#timer === undefined && !this.#isExchanging && !this.#hasLeft) this.#setTimer(this.#parties.heartbeat);
  }

  /** Gives up everything. If that fails, the lease ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    if (!this.#isExchanging) this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#parties.isCountedOn() && !this.#hasLeft) this.#leave();
    this.#parties.close();
  }

  #leave(): void {
    void this.#exchange(true);
    this.#hasLeft = true;
  }

  /** Never rejects, because nobody awaits it: an exception must neither end the process nor stop the exchanges. */
  async #exchange(isLast: boolean): Promise<void> {
    this.#isExchanging = true;
    this.#cancelTimer();
    this.#hasUnsent = false;
    const outcome = await this.#send(isLast);
    this.#isExchanging = false;
    if (this.#isClosed) this.#end();
    else if (outcome instanceof Failure) this.#onFailure(outcome);
    else this.#onReply(outcome);
  }

  async #send(isLast: boolean): Promise<Success<Request, Reply> | Failure<Request>> {
    let request: Request | undefined;
    try {
      request = this.#parties.collect(isLast);
      return { reply: await this.#parties.send(request), request };
    } catch (error) {
      return new Failure(error, request);
    }
  }

  /** A reply that causes an exception is a failure, although the request was heard. */
  #onReply({ reply, request }: Success<Request, Reply>): void {
    try {
      this.#parties.onReply(reply, request);
    } catch (error) {
      this.#onFailure(new Failure<Request>(error, undefined));
    }
  }

  #onFailure({ reason, unheard }: Failure<Request>): void {
    // An exchange that was requested before the failure waits for the retry, too.
    this.#isScheduled = false;
    let delay = this.#parties.heartbeat;
    try {
      delay = this.#parties.onFailure(reason, unheard);
    } catch {
      // The next failure or reply completes what this one left undone.
    }
    this.#setTimer(delay);
  }

  #setTimer(delay: Duration): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    const { clock } = this.#parties;
    this.#timer = clock.setTimer(clock.now() + delay, () => this.#onTimer(), { keepsProcessAlive: false });
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#isExchanging || this.#isClosed) return;
    const isLast = this.#parties.isCountedOn() && this.#parties.isIdle() && !this.#hasUnsent;
    if (!isLast) void this.#exchange(false);
    else if (!this.#hasLeft) this.#leave();
  }
}

interface Success<Request, Reply> {
  readonly reply: Reply;
  readonly request: Request;
}

class Failure<Request> {
  readonly reason: string;
  readonly unheard: Request | undefined;

  constructor(error: unknown, unheard: Request | undefined) {
    this.reason = error instanceof Error ? error.message : String(error);
    this.unheard = unheard;
  }
}
