import { SimulatorConfigError } from '../errors.js';
import { asArray, duration, type Fields, flag, givenFields, knownFields, oneOf, wholeNumber } from '../field-checks.js';
import type { ReportedLimits } from '../model/limit-change.js';
import { PathTemplate } from '../model/path-template.js';
import type { LimitedRule, MessageAge, RouteRule } from '../model/routes.js';
import type { Limits } from '../model/window.js';
import { checkAgreement } from './agreement.js';
import { headerMode, LIMIT_FIELDS, limitsIn } from './limits.js';
import { counterText, methodList, pathTemplate } from './names.js';
import { limitChanges, outsideUses } from './schedules.js';
import { hiddenLimit, sharedLimit, subLimits } from './unseen-limits.js';

type LimitedOptions = Omit<LimitedRule, keyof Limits | 'bucket' | keyof BaseFields>;
type BaseFields = Pick<RouteRule, 'methods' | 'path' | 'exempt' | 'messageAge' | 'status'>;

const MESSAGE_AGES = ['young', 'old'] as const;
/** The fields that only a rule with a bucket may have. */
const COUNTED_FIELDS = [
  ...LIMIT_FIELDS,
  'counter',
  'headers',
  'reported',
  'subLimits',
  'shared',
  'hidden',
  'outside',
  'changes',
];
const RULE_FIELDS = ['methods', 'path', 'bucket', 'exempt', 'messageAge', 'status', ...COUNTED_FIELDS];
const REPORTED_FIELDS = ['limit', 'remaining', 'resetAfter', 'bucket'];

/** Checks the rules of a route table. */
export function routeRules(field: string, value: unknown): readonly RouteRule[] {
  const routes = asArray(field, value).map((rule, index) => routeRule(`${field}[${index}]`, rule));
  checkAgreement(routes);
  return routes;
}

function routeRule(at: string, input: unknown): RouteRule {
  const fields = knownFields(at, input, RULE_FIELDS);
  const base = baseFields(at, fields);
  if (fields.bucket !== null) return { ...base, ...countedFields(at, fields, base.path) };
  const needless = COUNTED_FIELDS.find((name) => fields[name] !== undefined);
  if (needless === undefined) return { ...base, bucket: null };
  throw new SimulatorConfigError(`${at}.${needless}`, 'must be left out where bucket is null');
}

function baseFields(at: string, fields: Fields): BaseFields {
  const path = pathTemplate(`${at}.path`, fields.path);
  const optional = givenFields<Omit<BaseFields, 'methods' | 'path'>>(`${at}.`, fields, {
    exempt: flag,
    messageAge: (field, age) => messageAge(field, age, path),
    status: (field, status) => wholeNumber(field, status, 200, 599),
  });
  return { methods: methodList(`${at}.methods`, fields.methods), path, ...optional };
}

function countedFields(at: string, fields: Fields, path: string): Omit<LimitedRule, keyof BaseFields> {
  const optional = givenFields<LimitedOptions>(`${at}.`, fields, {
    counter: counterText,
    headers: headerMode,
    reported: reportedLimits,
    subLimits,
    shared: sharedLimit,
    hidden: (field, hidden) => hiddenLimit(field, hidden, path),
    outside: outsideUses,
    changes: limitChanges,
  });
  const bucket = counterText(`${at}.bucket`, fields.bucket, 'a text of visible ASCII characters, or null');
  return { bucket, ...limitsIn(at, fields), ...optional };
}

function reportedLimits(at: string, value: unknown): ReportedLimits {
  const fields = knownFields(at, value, REPORTED_FIELDS);
  const optional = givenFields<Omit<ReportedLimits, 'limit' | 'remaining'>>(`${at}.`, fields, {
    resetAfter: duration,
    bucket: counterText,
  });
  return {
    limit: wholeNumber(`${at}.limit`, fields.limit, 0),
    remaining: wholeNumber(`${at}.remaining`, fields.remaining, 0),
    ...optional,
  };
}

function messageAge(field: string, value: unknown, path: string): MessageAge {
  const age = oneOf(field, MESSAGE_AGES, value);
  if (new PathTemplate(path).parameters.includes('message')) return age;
  throw new SimulatorConfigError(field, 'needs a path with the parameter {message}');
}
