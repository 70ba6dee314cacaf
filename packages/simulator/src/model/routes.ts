import type { HiddenLimit } from './hidden-limit.js';
import type { HeaderMode, LimitChange, ReportedLimits } from './limit-change.js';
import type { OutsideUse } from './outside-use.js';
import { PathTemplate, pathSegments } from './path-template.js';
import type { SharedLimit } from './shared-limit.js';
import { snowflakeTime } from './snowflake.js';
import type { SubLimit } from './sub-limits.js';
import type { Limits } from './window.js';

const YOUNG = 10_000;
const OLD = 14 * 24 * 3_600_000;

/** The age of the message: `young` is under 10 seconds, `old` is over 14 days (#1295, #2761). */
export type MessageAge = 'young' | 'old';

interface RuleBase {
  /** The HTTP methods of the rule, in capitals. */
  readonly methods: readonly string[];
  /**
   * The path, with parameters: `/channels/{channel}/messages`. `{name}` matches one segment and may follow fixed text;
   * `{name*}`, at the end, matches one or more. The names `channel`, `guild`, `webhook` and, with `webhook`, `token`
   * are major parameters: each of their values has its own counter.
   */
  readonly path: string;
  /**
   * Whether requests without an Authorization header are exempt from the global limit. Default false. With the header
   * they count as the bot's (#4142).
   */
  readonly exempt?: boolean;
  /** Restricts the rule to messages of this age, by the snowflake in `{message}`. Default: any age. */
  readonly messageAge?: MessageAge;
  /** The status of the response to an admitted request, 200 to 599. Default 200. */
  readonly status?: number;
}

/** A route whose requests are counted. */
export interface LimitedRule extends RuleBase, Limits {
  /** The bucket hash in its responses. */
  readonly bucket: string;
  /**
   * The name of its counters. Rules of one name share their counters, and must agree on limit, period, window, outside
   * uses and changes of the limits. Default: the bucket hash. Rules of one hash with different names count separately
   * (#1442).
   */
  readonly counter?: string;
  /** `none`: its responses, refusals included, carry no `X-RateLimit-*` headers. Default `normal`. */
  readonly headers?: HeaderMode;
  /** False values in the headers of admitted requests. Refusals show the truth. */
  readonly reported?: ReportedLimits;
  /** Limits on single fields of the body. */
  readonly subLimits?: readonly SubLimit[];
  /** A limit on the resource, for all authentications together. */
  readonly shared?: SharedLimit;
  /** A limit that no header shows. */
  readonly hidden?: HiddenLimit;
  /** Uses of each of its counters by others with the same authentication. */
  readonly outside?: readonly OutsideUse[];
  /** Changes of its limits, sorted by their instants. */
  readonly changes?: readonly LimitChange[];
}

/** A route without rate-limit headers: only the global limit applies. */
export interface UnlimitedRule extends RuleBase {
  readonly bucket: null;
}

/** One row of the simulator's route table. */
export type RouteRule = LimitedRule | UnlimitedRule;

/** The name of a rule's counters. */
export function counterName({ counter, bucket }: LimitedRule): string {
  return counter ?? bucket;
}

/** A rule that matches a request, and the values of its path's parameters. */
export interface RouteMatch {
  readonly rule: RouteRule;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The rules in order of precedence: the first that matches a request is its rule. */
export class RouteTable {
  readonly #rows: readonly { readonly rule: RouteRule; readonly template: PathTemplate }[];

  constructor(rules: readonly RouteRule[]) {
    this.#rows = rules.map((rule) => ({ rule, template: new PathTemplate(rule.path) }));
  }

  /**
   * @param path - the path of the request, with or without `/api`, version and query
   * @param unixTime - Unix milliseconds, for rules that depend on a message's age
   */
  match(method: string, path: string, unixTime: number): RouteMatch | undefined {
    const segments = pathSegments(path);
    for (const { rule, template } of this.#rows) {
      if (!rule.methods.includes(method)) continue;
      const parameters = template.match(segments);
      if (parameters !== undefined && fitsAge(rule, parameters, unixTime)) return { rule, parameters };
    }
    return undefined;
  }
}

function fitsAge(rule: RouteRule, parameters: ReadonlyMap<string, string>, unixTime: number): boolean {
  if (rule.messageAge === undefined) return true;
  const sent = snowflakeTime(parameters.get('message') ?? '');
  if (sent === undefined) return false;
  const age = unixTime - sent;
  return rule.messageAge === 'young' ? age < YOUNG : age > OLD;
}
