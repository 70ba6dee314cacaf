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

/** The age of the message a rule is for: `young` is under 10 seconds, `old` is over 14 days (facts, part 2). */
export type MessageAge = 'young' | 'old';

interface RuleBase {
  /** The HTTP methods of the rule, in capitals. */
  readonly methods: readonly string[];
  /**
   * The path, with parameters: `/channels/{channel}/messages`. `{name}` takes one segment and may follow fixed text;
   * `{name*}`, at the end, takes one or more. The names `channel`, `guild`, `webhook` and, with `webhook`, `token` are
   * major parameters: each of their values has a counter of its own.
   */
  readonly path: string;
  /**
   * Whether requests without an Authorization header pass by the global limit. Default false. With the header they
   * count as the bot's all the same (facts, part 5).
   */
  readonly exempt?: boolean;
  /** Restricts the rule to messages of this age, by the snowflake in `{message}`. Default: any age. */
  readonly messageAge?: MessageAge;
  /** The status of an admitted request's answer, 200 to 599. Default 200. */
  readonly status?: number;
}

/** A route whose requests are counted. */
export interface LimitedRule extends RuleBase, Limits {
  /** The bucket hash its answers name. */
  readonly bucket: string;
  /**
   * The name of its counters. Rules with one name share their counters, and must agree on limit, period, window,
   * outside uses and changes of the limits. Default: the bucket hash. With different names, rules of one hash count
   * apart (facts, part 2).
   */
  readonly counter?: string;
  /** `none`: its answers, refusals too, carry no `X-RateLimit-*` headers. Default `normal`. */
  readonly headers?: HeaderMode;
  /** What the headers of admitted requests show instead of the truth. Refusals show the truth. */
  readonly reported?: ReportedLimits;
  /** Limits on single fields of the body. */
  readonly subLimits?: readonly SubLimit[];
  /** A limit of the resource, for all authentications together. */
  readonly shared?: SharedLimit;
  /** A limit of which no header tells. */
  readonly hidden?: HiddenLimit;
  /** What others with the same authentication use of each of its counters. */
  readonly outside?: readonly OutsideUse[];
  /** How its limits change, in the order of their instants. */
  readonly changes?: readonly LimitChange[];
}

/** A route without rate-limit headers: only the global limit holds there. */
export interface UnlimitedRule extends RuleBase {
  readonly bucket: null;
}

/** One row of the simulator's route table. */
export type RouteRule = LimitedRule | UnlimitedRule;

/** The name of a rule's counters. */
export function counterName({ counter, bucket }: LimitedRule): string {
  return counter ?? bucket;
}

/** A rule that fits a request, and the values of its path's parameters. */
export interface RouteMatch {
  readonly rule: RouteRule;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The rules in order of precedence: the first that fits a request is its rule. */
export class RouteTable {
  readonly #rows: readonly { readonly rule: RouteRule; readonly template: PathTemplate }[];

  constructor(rules: readonly RouteRule[]) {
    this.#rows = rules.map((rule) => ({ rule, template: new PathTemplate(rule.path) }));
  }

  /**
   * @param path - as it stands in a request, with or without `/api`, version and query
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
