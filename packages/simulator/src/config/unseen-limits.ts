import { SimulatorConfigError } from '../errors.js';
import { asArray, type Fields, givenFields, knownFields, listOf, nonEmptyText, oneOf } from '../field-checks.js';
import type { HiddenLimit } from '../model/hidden-limit.js';
import { PathTemplate } from '../model/path-template.js';
import type { SharedLimit } from '../model/shared-limit.js';
import type { SubLimit } from '../model/sub-limits.js';
import type { UnseenSize } from '../model/unseen-limit.js';
import { LIMIT_FIELDS, sizeIn, windowKind } from './limits.js';
import { counterText } from './names.js';
import { outsideUses } from './schedules.js';

const SUB_LIMIT_FIELDS = ['fields', ...LIMIT_FIELDS, 'scope'];
const SHARED_FIELDS = [...LIMIT_FIELDS, 'group', 'outside'];
const HIDDEN_FIELDS = [...LIMIT_FIELDS, 'by', 'group', 'body'];
const SCOPES = ['user', 'shared'] as const;
const BODIES = ['none', 'json'] as const;

/** Checks the sub-limits of a rule. */
export function subLimits(field: string, value: unknown): SubLimit[] {
  return asArray(field, value).map((subLimit, index) => {
    const at = `${field}[${index}]`;
    const given = knownFields(at, subLimit, SUB_LIMIT_FIELDS);
    const fields = listOf(`${at}.fields`, given.fields, 'field', nonEmptyText);
    const scope = givenFields<Pick<SubLimit, 'scope'>>(`${at}.`, given, {
      scope: (name, scopeText) => oneOf(name, SCOPES, scopeText),
    });
    return { fields, ...unseenSize(at, given), ...scope };
  });
}

/** Checks the limit of a rule's resource. */
export function sharedLimit(at: string, value: unknown): SharedLimit {
  const given = knownFields(at, value, SHARED_FIELDS);
  const optional = givenFields<Pick<SharedLimit, 'group' | 'outside'>>(`${at}.`, given, {
    group: counterText,
    outside: outsideUses,
  });
  return { ...unseenSize(at, given), ...optional };
}

/** @param path - the rule's path, which must have the parameters in `by` */
export function hiddenLimit(at: string, value: unknown, path: string): HiddenLimit {
  const given = knownFields(at, value, HIDDEN_FIELDS);
  const optional = givenFields<Pick<HiddenLimit, 'by' | 'group' | 'body'>>(`${at}.`, given, {
    by: (field, names) => parameterNames(field, names, path),
    group: counterText,
    body: (field, body) => oneOf(field, BODIES, body),
  });
  return { ...unseenSize(at, given), ...optional };
}

function unseenSize(at: string, given: Fields): UnseenSize {
  return { ...sizeIn(at, given), ...givenFields<Pick<UnseenSize, 'window'>>(`${at}.`, given, { window: windowKind }) };
}

function parameterNames(field: string, value: unknown, path: string): string[] {
  const { parameters } = new PathTemplate(path);
  return asArray(field, value).map((name, index) => {
    const text = nonEmptyText(`${field}[${index}]`, name);
    if (parameters.includes(text)) return text;
    throw new SimulatorConfigError(`${field}[${index}]`, `needs a path with the parameter {${text}}`);
  });
}
