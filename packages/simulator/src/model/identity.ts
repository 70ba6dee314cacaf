import { digest, majorParameters, withoutSecrets } from './parameters.js';
import { counterName, type LimitedRule, type RouteTable, type UnlimitedRule } from './routes.js';

/** The address of requests without one. */
const ADDRESS = 'address';

/** The part of a request that decides which limits apply to it. */
export interface RequestLine {
  /** The HTTP method, in capitals. */
  readonly method: string;
  /** The path as sent: with or without `/api`, version and query. */
  readonly path: string;
  /** The Authorization header. Only a digest of it is kept. */
  readonly authorization?: string | undefined;
  /** The IP address of the sender. Default: one address for all requests without one. */
  readonly address?: string | undefined;
}

interface RouteBase {
  /** The parameters of the path, with digests in place of tokens. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A route whose requests are counted. No key holds a token. */
export interface CountedRoute extends RouteBase {
  readonly rule: LimitedRule;
  /** The key of its counter. */
  readonly counter: string;
  /** The values of its major parameters, as part of a key. */
  readonly majors: string;
}

/** A request's rule and, if its requests are counted, the key of its counter. */
export type IdentifiedRoute = CountedRoute | (RouteBase & { readonly rule: UnlimitedRule; readonly counter: null });

/** The sender of a request, and its route. */
export interface Identity {
  /** A digest of the Authorization header, or the address without one. */
  readonly authentication: string;
  readonly address: string;
  /** `null` when no rule matches. */
  readonly route: IdentifiedRoute | null;
  /** Whether the request is exempt from the global limit. */
  readonly exempt: boolean;
}

/** @param unixTime - Unix milliseconds, for rules that depend on a message's age */
export function identify(request: RequestLine, table: RouteTable, unixTime: number): Identity {
  const { authorization, address = ADDRESS } = request;
  const authentication = authorization ? digest(authorization) : address;
  const match = table.match(request.method, request.path, unixTime);
  if (match === undefined) return { authentication, address, route: null, exempt: false };
  const { rule } = match;
  const parameters = withoutSecrets(match.parameters);
  const exempt = rule.exempt === true && !authorization;
  if (rule.bucket === null) return { authentication, address, route: { rule, parameters, counter: null }, exempt };
  const majors = majorParameters(parameters);
  const counter = `${authentication} ${counterName(rule)} ${majors}`;
  return { authentication, address, route: { rule, parameters, counter, majors }, exempt };
}
