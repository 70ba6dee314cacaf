import { isDeepStrictEqual } from 'node:util';
import { SimulatorConfigError } from '../errors.js';
import type { LimitChange } from '../model/limit-change.js';
import { counterName, type LimitedRule, type RouteRule } from '../model/routes.js';
import { limitsOf, type UnseenSize } from '../model/unseen-limit.js';
import type { Limits } from '../model/window.js';

const SIZE = 'limit, period and window';

/** The definition that one rule gives of counters which other rules may share. */
interface Definition {
  /** The field that holds the definition. */
  readonly field: string;
  readonly rule: string;
  /** The kind of the counters, in words. */
  readonly kind: string;
  /** Equal for all definitions of the same counters. */
  readonly key: string;
  /** The values that all definitions must agree on, by their names in words. */
  readonly aspects: Readonly<Record<string, unknown>>;
}

/**
 * Refuses rules that share counters and define them differently.
 *
 * @throws SimulatorConfigError that names the later rule
 */
export function checkAgreement(routes: readonly RouteRule[]): void {
  const first = new Map<string, Definition>();
  for (const [index, rule] of routes.entries()) {
    if (rule.bucket === null) continue;
    for (const definition of definitionsIn(rule, `routes[${index}]`)) {
      const earlier = first.get(definition.key);
      if (earlier === undefined) first.set(definition.key, definition);
      else compare(earlier, definition);
    }
  }
}

function compare(earlier: Definition, { field, kind, aspects }: Definition): void {
  const different = Object.keys(aspects).find((name) => !isDeepStrictEqual(aspects[name], earlier.aspects[name]));
  if (different === undefined) return;
  throw new SimulatorConfigError(field, `is also the ${kind} of ${earlier.rule}, so ${different} must be equal`);
}

function definitionsIn(rule: LimitedRule, at: string): Definition[] {
  const name = counterName(rule);
  const definitions = [bucketDefinition(rule, at)];
  for (const [index, subLimit] of (rule.subLimits ?? []).entries()) {
    const field = `${at}.subLimits[${index}]`;
    definitions.push(unseen(field, at, 'sub-limit', `${name} ${JSON.stringify(subLimit.fields)}`, subLimit));
  }
  const { shared, hidden } = rule;
  if (shared !== undefined) {
    const definition = unseen(`${at}.shared`, at, 'shared limit', shared.group ?? name, shared);
    definitions.push({ ...definition, aspects: { ...definition.aspects, outside: shared.outside } });
  }
  if (hidden !== undefined) definitions.push(unseen(`${at}.hidden`, at, 'hidden limit', hidden.group ?? name, hidden));
  return definitions;
}

function bucketDefinition(rule: LimitedRule, at: string): Definition {
  const kind = rule.counter === undefined ? 'bucket' : 'counter';
  const changes = (rule.changes ?? []).filter(changesSize).map((change) => ({ at: change.at, ...sizeOf(change) }));
  return {
    field: `${at}.${kind}`,
    rule: at,
    kind,
    key: `counter ${counterName(rule)}`,
    aspects: { [SIZE]: sizeOf(rule), outside: rule.outside, 'changes of limit, period and window': changes },
  };
}

function unseen(field: string, rule: string, kind: string, counters: string, size: UnseenSize): Definition {
  return { field, rule, kind, key: `${kind} ${counters}`, aspects: { [SIZE]: limitsOf(size) } };
}

/** Hash and headers may change in each rule separately: they belong to the rule's responses, not to the counter. */
function changesSize({ limit, period, window }: LimitChange): boolean {
  return limit !== undefined || period !== undefined || window !== undefined;
}

function sizeOf({ limit, period, window }: Partial<Limits>) {
  return { limit, period, window };
}
