import { parameterKey } from './parameters.js';
import { limitsOf, type UnseenLimit, type UnseenSize } from './unseen-limit.js';

/**
 * A limit of which nothing tells until it refuses (facts, part 4): webhooks in one channel, 30 in a minute; emoji. Each
 * authentication has counters of its own.
 */
export interface HiddenLimit extends UnseenSize {
  /** The path's parameters each of whose values has a counter of its own. Default: the major parameters. */
  readonly by?: readonly string[];
  /** Rules with one group share its counters and must agree on its size. Default: the rule's own counter name. */
  readonly group?: string;
  /** A refusal's body. Default `none`: only headers. */
  readonly body?: 'none' | 'json';
}

/** Whose request it is, and where it goes. */
interface Place {
  readonly authentication: string;
  /** The name of the rule's counter. */
  readonly name: string;
  readonly majors: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The hidden limit that holds for a request. */
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
