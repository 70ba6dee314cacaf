import { parameterKey } from './parameters.js';
import { limitsOf, type UnseenLimit, type UnseenSize } from './unseen-limit.js';

/**
 * A limit that nothing shows until it refuses: webhooks in one channel, 30 per minute (#4043); emoji. Each
 * authentication has its own counters.
 */
export interface HiddenLimit extends UnseenSize {
  /** Parameters of the path; each of their values has its own counter. Default: the major parameters. */
  readonly by?: readonly string[];
  /** Rules of one group share its counters, and must agree on its limit. Default: the name of the rule's counter. */
  readonly group?: string;
  /** The body of a refusal. Default `none`: only headers. */
  readonly body?: 'none' | 'json';
}

/** The sender of a request, and its route. */
interface Place {
  readonly authentication: string;
  /** The name of the rule's counter. */
  readonly name: string;
  readonly majors: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The hidden limit that applies to a request. */
export function hiddenLimitOf(hidden: HiddenLimit, { authentication, name, majors, parameters }: Place): UnseenLimit {
  const values = hidden.by === undefined ? majors : parameterKey(parameters, hidden.by);
  return {
    verdict: 'hidden',
    key: `hidden ${authentication} ${hidden.group ?? name} ${values}`,
    limits: limitsOf(hidden),
    outside: [],
    scope: 'user',
    body: hidden.body ?? 'none',
  };
}
