import { type Answer, answerFor, type Decision } from './answers.js';
import { Counters } from './counters.js';
import { type Fault, FaultPlan, type FaultRule, isCounted } from './faults.js';
import { faultyAnswer } from './faulty-answers.js';
import { type IdentifiedRoute, type Identity, identify, type RequestLine } from './identity.js';
import { type InvalidRequestLimit, InvalidRequests, isInvalid } from './invalid-requests.js';
import { type Arrival, Journal, type Verdict } from './journal.js';
import { digest } from './parameters.js';
import { RollingLimit } from './rolling-limit.js';
import { type RouteRule, RouteTable } from './routes.js';
import { snowflakeAt } from './snowflake.js';
import { type Statistics, StatisticsRecorder } from './statistics.js';
import { subLimitNames } from './sub-limits.js';

/** Default size of a journal. */
export const DEFAULT_JOURNAL_SIZE = 1_000_000;

const SECOND = 1000;

/** The limits of a model. The model does not check them: `parseModelConfig` does, and fills in the defaults. */
export interface ModelConfig {
  /** In order of precedence: the first rule that matches a request applies. */
  readonly routes: readonly RouteRule[];
  /**
   * Requests per second and authentication; `null` for no global limit. Discord does not document where its second
   * begins. Here, no interval of one second contains more requests than the limit, which is the strictest way.
   */
  readonly globalLimit: number | null;
  /**
   * The limit after which an address is banned; `null` for never. Default: an hour, after 10,000 invalid requests in
   * ten minutes.
   */
  readonly invalidRequests?: InvalidRequestLimit | null;
  /** Authorization headers whose requests get 401. Only digests of them are compared. Default: none. */
  readonly invalidTokens?: readonly string[];
  /** Ids of deleted webhooks: requests whose path has one as `{webhook}` are counted, and get 404. */
  readonly deadWebhooks?: readonly string[];
  /** Faults in order of precedence: the first fault that strikes a request applies. Default: none. */
  readonly faults?: readonly FaultRule[];
  /** Start of all random sequences, 0 to 4,294,967,295. Default 1. */
  readonly seed?: number;
}

/** Options of a model besides its limits. */
export interface ModelOptions {
  /** The server's clock, in Unix milliseconds, at the model's instant 0. */
  readonly epoch: number;
  /** The instant from which changes and outside uses count, in ms on the model's axis. Default 0. */
  readonly start?: number;
  /** Size of the journal, which keeps the newest arrivals. Default 1,000,000. */
  readonly journalSize?: number;
}

/** A request as it arrives. */
export interface ModelRequest extends RequestLine {
  /** The request's JSON, parsed. Sub-limits look at it. */
  readonly body?: unknown;
  /** The request's place in the client's order, for the count of reordered writes. */
  readonly mark?: number | undefined;
}

/** The response as it leaves. */
export interface ModelResponse extends Answer {
  readonly verdict: Verdict;
  /**
   * The fault that strikes the request, if any. The model has counted the request accordingly, and the response already
   * shows `malformed`, `status` and `gateway`. The caller has to carry out the other faults.
   */
  readonly fault?: Fault;
}

/** The decision about a request, and its response. */
interface Outcome {
  readonly decision: Decision;
  /** The status of the response, faults included. */
  readonly status: number;
  readonly fault: Fault | undefined;
}

/**
 * Discord's REST rate limits as arithmetic: no sockets, no timers, and time only as an argument.
 *
 * A counter belongs to an authentication, a bucket and the values of the major parameters. It lives until {@link
 * reset}.
 */
export class DiscordModel {
  readonly #config: ModelConfig;
  readonly #table: RouteTable;
  readonly #invalidTokens: ReadonlySet<string>;
  readonly #deadWebhooks: ReadonlySet<string>;
  readonly #epoch: number;
  readonly #counters: Counters;
  readonly #globalLimits = new Map<string, RollingLimit>();
  readonly #invalidRequests: InvalidRequests;
  readonly #journal: Journal;
  #faults: FaultPlan;
  #statistics = new StatisticsRecorder();
  #answers = 0;

  constructor(config: ModelConfig, { epoch, start = 0, journalSize = DEFAULT_JOURNAL_SIZE }: ModelOptions) {
    this.#config = config;
    this.#table = new RouteTable(config.routes);
    this.#invalidTokens = new Set(config.invalidTokens?.map(digest));
    this.#deadWebhooks = new Set(config.deadWebhooks);
    this.#epoch = epoch;
    this.#counters = new Counters(start);
    this.#invalidRequests = new InvalidRequests(config.invalidRequests);
    this.#journal = new Journal(journalSize);
    this.#faults = new FaultPlan(config.faults, config.seed);
  }

  /**
   * Counts a request and answers it.
   *
   * @param now - the instant of arrival, in ms on any monotonic axis; it must not decrease from call to call
   */
  receive(request: ModelRequest, now: number): ModelResponse {
    const fault = this.#faults.next(request);
    if (fault !== undefined) this.#statistics.recordFault(fault.kind);
    if (fault?.kind === 'refuse') return { status: 503, headers: {}, body: null, verdict: 'unreached', fault };
    const identity = identify(request, this.#table, this.#epoch + now);
    const decision = isCounted(fault) ? this.#decide(request, identity, now) : ({ verdict: 'failed' } as const);
    const answer = this.#answer(decision, fault, now);
    this.#record(request, identity, { decision, status: answer.status, fault }, now);
    return { ...answer, verdict: decision.verdict, ...(fault && { fault }) };
  }

  /** The newest arrivals, oldest first. Each reading makes a copy. */
  get journal(): readonly Arrival[] {
    return this.#journal.entries();
  }

  /** A copy of the counts since the start or the last {@link reset}. */
  statistics(): Statistics {
    return this.#statistics.snapshot();
  }

  /**
   * Clears all counters, bans, the journal and the statistics, and restarts the random sequences. Changes and outside
   * uses still count from the start.
   */
  reset(): void {
    this.#counters.clear();
    this.#globalLimits.clear();
    this.#invalidRequests.clear();
    this.#journal.clear();
    this.#faults = new FaultPlan(this.#config.faults, this.#config.seed);
    this.#statistics = new StatisticsRecorder();
  }

  /**
   * Bans come first, as they stand in front of Discord; then the token, then the global limit. A request that one of
   * them refuses reaches no later check.
   */
  #decide(request: ModelRequest, { authentication, address, route, exempt }: Identity, now: number): Decision {
    const ban = this.#invalidRequests.banned(address, now);
    if (ban > 0) return { verdict: 'banned', retryAfter: ban };
    if (this.#invalidTokens.has(authentication)) return { verdict: 'unauthorized' };
    const globalWait = exempt ? 0 : this.#hitGlobalLimit(authentication, now);
    if (globalWait > 0) return { verdict: 'global', retryAfter: globalWait };
    if (route === null) return { verdict: 'unknown-route' };
    const admitted = { verdict: 'admitted', rule: route.rule, shown: null, isDead: this.#isDead(route) } as const;
    if (route.counter === null) return admitted;
    const judgement = this.#counters.judge({ route, authentication, body: request.body }, now);
    return judgement.verdict === 'admitted' ? { ...admitted, shown: judgement.shown } : judgement;
  }

  #hitGlobalLimit(authentication: string, now: number): number {
    if (this.#config.globalLimit === null) return 0;
    let limit = this.#globalLimits.get(authentication);
    if (limit === undefined) {
      limit = new RollingLimit(this.#config.globalLimit, SECOND);
      this.#globalLimits.set(authentication, limit);
    }
    return limit.hit(now);
  }

  #isDead({ parameters }: IdentifiedRoute): boolean {
    const webhook = parameters.get('webhook');
    return webhook !== undefined && this.#deadWebhooks.has(webhook);
  }

  #answer(decision: Decision, fault: Fault | undefined, now: number): Answer {
    this.#answers += 1;
    const id = snowflakeAt(this.#epoch + now, this.#answers);
    const answer = answerFor(decision, { now, epoch: this.#epoch }, id);
    return fault === undefined ? answer : faultyAnswer(answer, fault, this.#faults.random);
  }

  #record({ method, mark, body }: ModelRequest, { route, address }: Identity, outcome: Outcome, now: number): void {
    const { decision, status, fault } = outcome;
    const rule = route?.rule;
    const subLimits = rule?.bucket ? subLimitNames(rule.subLimits ?? [], body) : [];
    const arrival: Arrival = {
      time: now,
      method,
      route: route?.rule.path ?? null,
      counter: route?.counter ?? null,
      verdict: decision.verdict,
      mark: mark ?? null,
      ...(subLimits.length > 0 && { subLimits }),
      ...(fault && { fault: fault.kind }),
    };
    const countsAsInvalid = decision.verdict !== 'banned' && isInvalid(status, isShared(decision));
    if (countsAsInvalid) this.#invalidRequests.add(address, now);
    this.#journal.add(arrival);
    this.#statistics.record(arrival, countsAsInvalid);
  }
}

function isShared(decision: Decision): boolean {
  return 'scope' in decision && decision.scope === 'shared';
}
