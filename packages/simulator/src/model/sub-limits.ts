import { limitsOf, type UnseenLimit, type UnseenSize } from './unseen-limit.js';

/**
 * A limit on requests whose JSON body has one of certain fields (#1900, #2190): `name` in PATCH /channels/{id}, twice
 * in ten minutes. It belongs to one counter of its route. Requests with other fields of that route are not limited by
 * it.
 */
export interface SubLimit extends UnseenSize {
  /** A request counts when its body has any of these top-level keys. */
  readonly fields: readonly string[];
  /** The `X-RateLimit-Scope` of a refusal. Default `user`. With `shared`, a refusal is not an invalid request. */
  readonly scope?: 'user' | 'shared';
}

/**
 * The sub-limits that apply to a request.
 *
 * @param counter - the key of the request's bucket counter
 * @param body - the request's JSON, if it has any
 */
export function subLimitsOf(subLimits: readonly SubLimit[], counter: string, body: unknown): UnseenLimit[] {
  return concerning(subLimits, body).map((subLimit) => ({
    verdict: 'sub-limit',
    key: `${counter} fields=${nameOf(subLimit)}`,
    limits: limitsOf(subLimit),
    outside: [],
    scope: subLimit.scope ?? 'user',
    body: 'json',
  }));
}

/** The names of the sub-limits that apply to a request. */
export function subLimitNames(subLimits: readonly SubLimit[], body: unknown): string[] {
  return concerning(subLimits, body).map(nameOf);
}

function concerning(subLimits: readonly SubLimit[], body: unknown): readonly SubLimit[] {
  return subLimits.filter(({ fields }) => hasAny(body, fields));
}

function nameOf({ fields }: SubLimit): string {
  return fields.join(',');
}

function hasAny(body: unknown, fields: readonly string[]): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return fields.some((field) => Object.hasOwn(body, field));
}
