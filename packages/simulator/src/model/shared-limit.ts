import type { OutsideUse } from './outside-use.js';
import { limitsOf, type UnseenLimit, type UnseenSize } from './unseen-limit.js';

/**
 * A limit on the resource itself, which all authentications use. A refusal has the scope `shared` and does not count as
 * an invalid request.
 */
export interface SharedLimit extends UnseenSize {
  /** Rules of one group share its counters, and must agree on its limit. Default: the name of the rule's counter. */
  readonly group?: string;
  /** Uses of each of its counters by others. Default: none. */
  readonly outside?: readonly OutsideUse[];
}

/**
 * The shared limit that applies to a request.
 *
 * @param name - the name of the rule's counter
 * @param majors - the request's major parameters
 */
export function sharedLimitOf(shared: SharedLimit, name: string, majors: string): UnseenLimit {
  return {
    verdict: 'shared',
    key: `shared ${shared.group ?? name} ${majors}`,
    limits: limitsOf(shared),
    outside: shared.outside ?? [],
    scope: 'shared',
    body: 'json',
  };
}
