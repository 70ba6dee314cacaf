import { createHash } from 'node:crypto';
import type { LimitedRule, RouteTable, UnlimitedRule } from './routes.js';

/** The authentication of requests that carry none: all of them come from one address. */
const ADDRESS = 'address';

/** The first of these whose leading parameter a path has are its major parameters (facts, part 2). */
const MAJOR_PARAMETERS = [['channel'], ['guild'], ['webhook', 'token']] as const;

/** The part of a request that decides which limits hold for it. */
export interface RequestLine {
  /** The HTTP method, in capitals. */
  readonly method: string;
  /** The path as sent: with or without `/api`, version and query. */
  readonly path: string;
  /** The Authorization header. Only a digest of it is kept. */
  readonly authorization?: string | undefined;
}

/** A request's rule and, if its requests are counted, the key of its counter. No key holds a token. */
export type IdentifiedRoute =
  | { readonly rule: LimitedRule; readonly counter: string }
  | { readonly rule: UnlimitedRule; readonly counter: null };

/** Whose a request is, and where it goes. */
export interface Identity {
  /** A digest of the Authorization header, or `address` without one. */
  readonly authentication: string;
  /** `null` when no rule fits. */
  readonly route: IdentifiedRoute | null;
  /** Whether the global limit leaves the request out. */
  readonly exempt: boolean;
}

/** @param unixTime - Unix milliseconds, for rules that depend on a message's age */
export function identify(request: RequestLine, table: RouteTable, unixTime: number): Identity {
  const authentication = request.authorization ? digest(request.authorization) : ADDRESS;
  const match = table.match(request.method, request.path, unixTime);
  if (match === undefined) return { authentication, route: null, exempt: false };
  const { rule, parameters } = match;
  const exempt = rule.exempt === true && authentication === ADDRESS;
  if (rule.bucket === null) return { authentication, route: { rule, counter: null }, exempt };
  const counter = `${authentication} ${rule.bucket} ${majorParameters(parameters)}`;
  return { authentication, route: { rule, counter }, exempt };
}

function majorParameters(parameters: ReadonlyMap<string, string>): string {
  const names = MAJOR_PARAMETERS.find(([leading]) => parameters.has(leading)) ?? [];
  const values = names.flatMap((name) => {
    const value = parameters.get(name);
    return value === undefined ? [] : `${name}=${name === 'token' ? digest(value) : value}`;
  });
  return values.join(',') || '-';
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 32);
}
