import { Counter, type CounterPlan } from './counter.js';
import { hiddenLimitOf } from './hidden-limit.js';
import type { CountedRoute } from './identity.js';
import { type Phase, phaseAt, phasesOf } from './limit-change.js';
import { counterName, type LimitedRule } from './routes.js';
import { sharedLimitOf } from './shared-limit.js';
import { subLimitsOf } from './sub-limits.js';
import type { UnseenLimit, UnseenVerdict } from './unseen-limit.js';
import type { Admission } from './window.js';

/** A request that is counted. */
export interface CountedRequest {
  readonly route: CountedRoute;
  readonly authentication: string;
  /** The request's JSON, if it has any. */
  readonly body: unknown;
}

/** The state of a counter, as the headers of a response show it. */
export interface Shown {
  readonly phase: Phase;
  readonly admission: Admission;
}

/** A request for which a counter has no room, and the content of its refusal. */
export interface Refusal extends Pick<UnseenLimit, 'scope' | 'body'> {
  readonly verdict: 'user' | UnseenVerdict;
  /** The state of the request's bucket, whichever limit refused it. */
  readonly shown: Shown;
  /** Milliseconds until the limit that refused the request has room. */
  readonly retryAfter: number;
}

/** The decision of all counters about a request. */
export type Judgement = { readonly verdict: 'admitted'; readonly shown: Shown } | Refusal;

/** The counters of all buckets, and of all limits that no header shows. Each is created when it is first needed. */
export class Counters {
  readonly #start: number;
  readonly #counters = new Map<string, Counter>();

  /** @param start - the instant from which changes and outside uses count, in ms */
  constructor(start: number) {
    this.#start = start;
  }

  /**
   * Asks the bucket first, then sub-limits, shared and hidden limits. The first without room refuses the request. The
   * request is counted only if all have room, so a request that one of them refuses counts in no other.
   *
   * @param now - the instant of arrival, in ms
   */
  judge(request: CountedRequest, now: number): Judgement {
    const { rule, counter: key } = request.route;
    const bucket = this.#counter(key, () => bucketPlan(rule));
    const phase = phaseAt(rule, now - this.#start);
    const admission = bucket.look(now);
    const shown = { phase, admission };
    if (!admission.admitted) {
      return { verdict: 'user', shown, retryAfter: admission.retryAfter, scope: 'user', body: 'json' };
    }
    const unseen = unseenLimitsOf(request).map((limit) => {
      return { limit, counter: this.#counter(limit.key, () => unseenPlan(limit)) };
    });
    for (const { limit, counter } of unseen) {
      const { verdict, scope, body } = limit;
      const { admitted, retryAfter } = counter.look(now);
      if (!admitted) return { verdict, shown, retryAfter, scope, body };
    }
    for (const { counter } of unseen) counter.hit(now);
    return { verdict: 'admitted', shown: { phase, admission: bucket.hit(now) } };
  }

  clear(): void {
    this.#counters.clear();
  }

  #counter(key: string, plan: () => CounterPlan): Counter {
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = new Counter(plan(), this.#start);
      this.#counters.set(key, counter);
    }
    return counter;
  }
}

/** The plan of the counter of a rule's bucket. */
export function bucketPlan(rule: LimitedRule): CounterPlan {
  const [limits, ...changes] = phasesOf(rule);
  return { limits, changes, outside: rule.outside ?? [] };
}

/** The plan of the counter of a limit that no header shows. */
export function unseenPlan({ limits, outside }: UnseenLimit): CounterPlan {
  return { limits, changes: [], outside };
}

/** The limits that no header shows and that apply to a request, in the order in which they are asked. */
export function unseenLimitsOf({ route, authentication, body }: CountedRequest): UnseenLimit[] {
  const { rule, counter, majors, parameters } = route;
  const name = counterName(rule);
  const limits = subLimitsOf(rule.subLimits ?? [], counter, body);
  if (rule.shared !== undefined) limits.push(sharedLimitOf(rule.shared, name, majors));
  if (rule.hidden !== undefined) limits.push(hiddenLimitOf(rule.hidden, { authentication, name, majors, parameters }));
  return limits;
}
