import type { OutsideUse } from './outside-use.js';
import { limitsOf, type UnseenLimit, type UnseenSize } from './unseen-limit.js';

/**
 * A limit of the resource itself, which all authentications use (facts, part 4). A refusal has the scope `shared` and
 * is no invalid request.
 */
export interface SharedLimit extends UnseenSize {
  /** Rules with one group share its counters and must agree on its size. Default: the rule's own counter name. */
  readonly group?: string;
  /** What others use of each of its counters. Default: nothing. */
  readonly outside?: readonly OutsideUse[];
}

/**
 * The shared limit that holds for a request.
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
