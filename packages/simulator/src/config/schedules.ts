import { SimulatorConfigError } from '../errors.js';
import { asArray, duration, givenFields, knownFields, positiveDuration } from '../field-checks.js';
import type { LimitChange } from '../model/limit-change.js';
import type { OutsideUse } from '../model/outside-use.js';
import { headerMode, requestCount, windowKind } from './limits.js';
import { counterText } from './names.js';

const OUTSIDE_FIELDS = ['at', 'every', 'count', 'until'];
const CHANGE_FIELDS = ['at', 'limit', 'period', 'window', 'bucket', 'headers'];

/** Checks the uses of a counter by others. */
export function outsideUses(field: string, value: unknown): OutsideUse[] {
  return asArray(field, value).map((use, index) => outsideUse(`${field}[${index}]`, use));
}

function outsideUse(at: string, input: unknown): OutsideUse {
  const fields = knownFields(at, input, OUTSIDE_FIELDS);
  const optional = givenFields<Omit<OutsideUse, 'at'>>(`${at}.`, fields, {
    every: positiveDuration,
    count: requestCount,
    until: duration,
  });
  return { at: duration(`${at}.at`, fields.at), ...optional };
}

/** Checks the changes of a rule, which are sorted by their instants. */
export function limitChanges(field: string, value: unknown): LimitChange[] {
  const changes = asArray(field, value).map((change, index) => limitChange(`${field}[${index}]`, change));
  const early = changes.findIndex(({ at }, index) => at < (changes[index - 1]?.at ?? 0));
  if (early === -1) return changes;
  throw new SimulatorConfigError(`${field}[${early}].at`, 'must not be earlier than the change before it');
}

function limitChange(at: string, input: unknown): LimitChange {
  const fields = knownFields(at, input, CHANGE_FIELDS);
  const changed = givenFields<Omit<LimitChange, 'at'>>(`${at}.`, fields, {
    limit: requestCount,
    period: positiveDuration,
    window: windowKind,
    bucket: counterText,
    headers: headerMode,
  });
  return { at: duration(`${at}.at`, fields.at), ...changed };
}
