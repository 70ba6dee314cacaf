import { type Answer, answerFor, type Decision } from './answers.js';
import { GlobalLimit } from './global-limit.js';
import { type IdentifiedRoute, type Identity, identify, type RequestLine } from './identity.js';
import { type Arrival, Journal, type Verdict } from './journal.js';
import { type RouteRule, RouteTable } from './routes.js';
import { snowflakeAt } from './snowflake.js';
import { type Statistics, StatisticsRecorder } from './statistics.js';
import { createWindow, type Window } from './window.js';

/** Arrivals that a journal keeps by default. */
export const DEFAULT_JOURNAL_SIZE = 1_000_000;

/** The limits of a model. It is taken to be valid: `parseModelConfig` checks one and fills in the defaults. */
export interface ModelConfig {
  /** In order of precedence: the first rule that fits a request holds. */
  readonly routes: readonly RouteRule[];
  /** Requests per second and authentication; `null` for no such limit. */
  readonly globalLimit: number | null;
}

/** What a model must know besides its limits. */
export interface ModelOptions {
  /** The server's clock, in Unix milliseconds, at the instant that the model is told is 0. */
  readonly epoch: number;
  /** Arrivals the journal keeps, the newest ones. Default 1,000,000. */
  readonly journalSize?: number;
}

/** A request as it arrives. */
export interface ModelRequest extends RequestLine {
  /** The request's place in the client's own order, for the count of reordered writes. */
  readonly mark?: number | undefined;
}

/** The answer as it leaves. */
export interface ModelResponse extends Answer {
  readonly verdict: Verdict;
}

/**
 * Discord's REST rate limits as arithmetic: no sockets, no timers, and time only as an argument.
 *
 * A counter belongs to an authentication, a bucket and the major parameters' values, and lives until {@link reset}.
 */
export class DiscordModel {
  readonly #table: RouteTable;
  readonly #globalLimit: number | null;
  readonly #epoch: number;
  readonly #journal: Journal;
  readonly #windows = new Map<string, Window>();
  readonly #globalLimits = new Map<string, GlobalLimit>();
  #statistics = new StatisticsRecorder();
  #answers = 0;

  constructor(config: ModelConfig, { epoch, journalSize = DEFAULT_JOURNAL_SIZE }: ModelOptions) {
    this.#table = new RouteTable(config.routes);
    this.#globalLimit = config.globalLimit;
    this.#epoch = epoch;
    this.#journal = new Journal(journalSize);
  }

  /**
   * Counts a request and answers it.
   *
   * @param now - the instant of arrival, in ms on any monotonic axis; it must not go backwards from call to call
   */
  receive(request: ModelRequest, now: number): ModelResponse {
    const unixTime = this.#epoch + now;
    const identity = identify(request, this.#table, unixTime);
    const decision = this.#decide(identity, now);
    this.#answers += 1;
    const answer = answerFor(decision, { now, epoch: this.#epoch }, snowflakeAt(unixTime, this.#answers));
    this.#record(request, identity, decision.verdict, answer.status, now);
    return { ...answer, verdict: decision.verdict };
  }

  /** The newest arrivals, oldest first: a copy, made on every reading. */
  get journal(): readonly Arrival[] {
    return this.#journal.entries();
  }

  /** The counts since the start or the last {@link reset}: a copy. */
  statistics(): Statistics {
    return this.#statistics.snapshot();
  }

  /** Forgets all counters, the journal and the statistics. */
  reset(): void {
    this.#windows.clear();
    this.#globalLimits.clear();
    this.#journal.clear();
    this.#statistics = new StatisticsRecorder();
  }

  /** The global limit comes first: what it refuses reaches no bucket. */
  #decide({ authentication, route, exempt }: Identity, now: number): Decision {
    const globalWait = exempt ? 0 : this.#hitGlobalLimit(authentication, now);
    if (globalWait > 0) return { verdict: 'global', retryAfter: globalWait };
    if (route === null) return { verdict: 'unknown-route' };
    if (route.counter === null) return { verdict: 'admitted', rule: route.rule, admission: null };
    const admission = this.#windowOf(route).hit(now);
    return { verdict: admission.admitted ? 'admitted' : 'user', rule: route.rule, admission };
  }

  #hitGlobalLimit(authentication: string, now: number): number {
    if (this.#globalLimit === null) return 0;
    let limit = this.#globalLimits.get(authentication);
    if (limit === undefined) {
      limit = new GlobalLimit(this.#globalLimit);
      this.#globalLimits.set(authentication, limit);
    }
    return limit.hit(now);
  }

  #windowOf({ rule, counter }: Extract<IdentifiedRoute, { counter: string }>): Window {
    let window = this.#windows.get(counter);
    if (window === undefined) {
      window = createWindow(rule.window, rule.limit, rule.period);
      this.#windows.set(counter, window);
    }
    return window;
  }

  #record(request: ModelRequest, { route }: Identity, verdict: Verdict, status: number, now: number): void {
    const arrival: Arrival = {
      time: now,
      method: request.method,
      route: route?.rule.path ?? null,
      counter: route?.counter ?? null,
      verdict,
      mark: request.mark ?? null,
    };
    this.#journal.add(arrival);
    this.#statistics.record(arrival, status);
  }
}
