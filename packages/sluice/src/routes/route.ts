import {
  type Credential,
  type DeclaredParameters,
  identifyPath,
  MESSAGE,
  type ParameterKind,
  type PathIdentity,
  parameterKind,
  routeIdentity,
} from './identity.js';
import { encodeSegment, isDotSegment, type PathSegments, splitPath } from './path.js';
import { RouteError } from './route-error.js';
import { messageAge } from './snowflake.js';

/** Separates the parts of a real bucket hash; occurs in none of them. */
export const HASH_SEPARATOR = ';';

/** The bucket hash of a route until a response names it. */
export const UNKNOWN_HASH = 'UNKNOWN';

/** Values for a template's parameters. Snowflakes must be strings or bigints: a number cannot hold one exactly. */
export type RouteParameters = Readonly<Record<string, string | number | bigint>>;

/** Options of {@link Route.compile} and {@link Route.match}. */
export interface CompileOptions {
  /** Wall-clock time in ms since the Unix epoch, by which a message's age is judged. Default: the present. */
  readonly now?: number;
}

/** A method and a path with named parameters: one kind of request, whatever it concerns. */
export class Route {
  /** The method, in upper case. */
  readonly method: string;
  /** The path without `/api/v{n}`, with `{name}` for each parameter. */
  readonly pathTemplate: string;
  /**
   * Stands for this kind of request wherever routes are mapped to bucket hashes: the method and the template with
   * canonical names, as `POST /channels/{channel}/messages`. Templates that differ in names or spelling share it.
   */
  readonly identity: string;
  readonly #segments: readonly TemplateSegment[];
  readonly #declared: DeclaredParameters;
  /** The template with canonical names. */
  readonly #template: string;

  /**
   * Major parameters are found by their place in the path (`/channels/{}`, `/guilds/{}`, `/webhooks/{}/{}`) or, where
   * the path shows none, by name: `channel`, `guild`, `webhook`, `token`, also as `channel_id` or `channelId`.
   *
   * @throws RouteError when the method is not a word of letters or the template is malformed.
   */
  constructor(method: string, pathTemplate: string) {
    this.method = canonicalMethod(method);
    this.#segments = parseTemplate(pathTemplate);
    this.#declared = this.#segments.map((segment) => ('name' in segment ? segment.kind : undefined));
    const { template, shownPath } = identifyPath(placeholders(this.#segments), this.#declared);
    this.#template = template;
    this.identity = routeIdentity(this.method, template);
    this.pathTemplate = showTemplate(this.#segments, shownPath);
  }

  /**
   * Fills in the parameters. Each is percent-encoded, so that none can change which route it is.
   *
   * @throws RouteError when a parameter is missing, empty, `.`, `..`, not exact, or not part of the template.
   */
  compile(parameters: RouteParameters = {}, options: CompileOptions = {}): CompiledRoute {
    this.#refuseUnknown(parameters);
    const decoded: string[] = [];
    const encoded: string[] = [];
    for (const segment of this.#segments) {
      const text = 'name' in segment ? this.#parameter(segment.name, parameters) : segment.literal;
      decoded.push(text);
      encoded.push('name' in segment ? this.#encode(segment.name, text) : segment.encoded);
    }
    const path = identifyPath({ decoded, encoded }, this.#declared);
    const identity = path.template === this.#template ? this.identity : routeIdentity(this.method, path.template);
    return new CompiledRoute(this, path, byAge(identity, this.method, path, decoded, options.now));
  }

  /**
   * Recognises a bare path or URL, without any table of routes: with or without origin, `/api`, `/v{n}`, query,
   * fragment, surplus slashes and percent-encoding, one path always gives the same identity.
   *
   * @throws RouteError when the method is not a word of letters, or the path holds `.` or `..` segments or malformed
   * percent-encoding.
   */
  static match(method: string, pathOrURL: string, options: CompileOptions = {}): CompiledRoute {
    const segments = splitPath(pathOrURL);
    const path = identifyPath(segments);
    const route = matchedRoute(canonicalMethod(method), path.template);
    return new CompiledRoute(route, path, byAge(route.identity, route.method, path, segments.decoded, options.now));
  }

  /** As `POST /channels/{channel}/messages`. */
  toString(): string {
    return `${this.method} ${this.pathTemplate}`;
  }

  #refuseUnknown(parameters: RouteParameters): void {
    for (const name of Object.keys(parameters)) {
      if (this.#segments.some((segment) => 'name' in segment && segment.name === name)) continue;
      throw this.#error(name, 'is not part of the template');
    }
  }

  #parameter(name: string, parameters: RouteParameters): string {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || value === null) throw this.#error(name, 'is missing');
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw this.#error(name, 'is not an exact integer; pass snowflakes as strings');
    }
    const text = String(value);
    if (text === '') throw this.#error(name, 'is empty');
    if (isDotSegment(text)) throw this.#error(name, 'is "." or "..", which would change the path');
    return text;
  }

  #encode(name: string, text: string): string {
    try {
      return encodeSegment(text);
    } catch {
      throw this.#error(name, 'is not well-formed Unicode');
    }
  }

  #error(parameter: string, problem: string): RouteError {
    return new RouteError(`Parameter "${parameter}" ${problem}.`, { route: this.toString(), parameter });
  }
}

/** A route with its parameters filled in: what one request is, to rate limits. */
export class CompiledRoute {
  readonly route: Route;
  /** {@link Route.identity}; deleting a message has one of three, by the message's age (facts part 2). */
  readonly identity: string;
  /** The major parameters, as `channel:123`; `-` without any. Tokens enter as truncated SHA-256 digests. */
  readonly majorParamHash: string;
  /** Private, as the path may hold a token: nothing that prints this object shows it. */
  readonly #compiledPath: string;
  readonly #shownPath: string;
  readonly #credential: Credential;

  /** Made by {@link Route.compile} and {@link Route.match}. */
  constructor(route: Route, path: PathIdentity, identity: string) {
    this.route = route;
    this.identity = identity;
    this.majorParamHash = path.majors;
    this.#compiledPath = path.path;
    this.#shownPath = path.shownPath;
    this.#credential = path.credential;
  }

  /** The method, in upper case. */
  get method(): string {
    return this.route.method;
  }

  /** The path to send: percent-encoded, without `/api/v{n}` and query. It may hold a token; do not log it. */
  get compiledPath(): string {
    return this.#compiledPath;
  }

  /** Whether it is made with an interaction's token, and so is exempt from the global limit (facts part 5). */
  get isInteraction(): boolean {
    return this.#credential === 'followup' || this.#credential === 'callback';
  }

  /** Whether a bucket can limit it: `false` for interaction callbacks (facts part 7). */
  get hasBucket(): boolean {
    return this.#credential !== 'callback';
  }

  /** Whether a token below `/webhooks`, a webhook's own or an interaction's, makes the request. */
  get usesWebhookToken(): boolean {
    return this.#credential === 'webhook' || this.#credential === 'followup';
  }

  /**
   * Whether the bot's Authorization goes with it. `false` where the path holds its own token: there it would make the
   * request count as the bot's (facts part 5, #4142).
   */
  get sendsAuthorization(): boolean {
    return this.#credential === 'bot';
  }

  /** Joins a base, such as `https://discord.com/api/v10`, and the path. */
  createURL(base: string): string {
    let end = base.length;
    while (base.charAt(end - 1) === '/') end--;
    return base.slice(0, end) + this.#compiledPath;
  }

  /**
   * The key of the bucket that limits this request.
   *
   * @param hash The bucket hash, or {@link UNKNOWN_HASH}.
   * @param authHash Digest of the authentication.
   */
  createRealBucketHash(hash: string, authHash: string): string {
    return hash + HASH_SEPARATOR + authHash + HASH_SEPARATOR + this.majorParamHash;
  }

  /** As `POST /channels/123/messages`, with `:token` in place of a token. */
  toString(): string {
    return `${this.method} ${this.#shownPath}`;
  }
}

/** A segment of a template: written out, or a parameter. */
type TemplateSegment =
  | { readonly literal: string; readonly encoded: string }
  | { readonly name: string; readonly kind: ParameterKind };

const PARAMETER = /^\{([\w.-]+)\}$/;

function parseTemplate(pathTemplate: string): TemplateSegment[] {
  const { decoded, encoded } = splitPath(pathTemplate);
  return decoded.map((literal, index) => {
    const name = PARAMETER.exec(literal)?.[1];
    if (name !== undefined) return { name, kind: parameterKind(name) };
    if (/[{}]/.test(literal)) throw new RouteError('A parameter must fill a whole segment, as "/{name}/".');
    return { literal, encoded: encoded[index] ?? '' };
  });
}

/** A template as if compiled, with stand-ins for its parameters. */
function placeholders(template: readonly TemplateSegment[]): PathSegments {
  return {
    decoded: template.map((segment) => ('name' in segment ? '{id}' : segment.literal)),
    encoded: template.map((segment) => ('name' in segment ? '{id}' : segment.encoded)),
  };
}

/** The template in its author's words, except for a secret that is written out in it. */
function showTemplate(template: readonly TemplateSegment[], shownPath: string): string {
  const shown = shownPath.split('/').slice(1);
  return `/${shown.map((text, index) => nameAt(template, index) ?? text).join('/')}`;
}

function nameAt(template: readonly TemplateSegment[], index: number): string | undefined {
  const segment = template[index];
  return segment !== undefined && 'name' in segment ? `{${segment.name}}` : undefined;
}

const COMMON_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function canonicalMethod(method: string): string {
  if (COMMON_METHODS.has(method)) return method;
  if (!/^[a-z]+$/i.test(method)) throw new RouteError('The method must be a word of letters.');
  return method.toUpperCase();
}

/** How many routes {@link Route.match} remembers: all that a bot uses, not all that strangers can make up. */
const MAX_MATCHED_ROUTES = 1_000;

/** Longer templates are not remembered; Discord has none. */
const LONGEST_REMEMBERED_TEMPLATE = 256;

const matchedRoutes = new Map<string, Route>();

function matchedRoute(method: string, template: string): Route {
  const key = `${method} ${template}`;
  const known = matchedRoutes.get(key);
  if (known !== undefined) return known;
  const route = new Route(method, template);
  if (template.length > LONGEST_REMEMBERED_TEMPLATE) return route;
  if (matchedRoutes.size >= MAX_MATCHED_ROUTES) forgetOldestRoute();
  matchedRoutes.set(key, route);
  return route;
}

function forgetOldestRoute(): void {
  for (const key of matchedRoutes.keys()) {
    matchedRoutes.delete(key);
    return;
  }
}

/** Deleting a message has a bucket of its own when the message is old or new (facts part 2). */
function byAge(
  identity: string,
  method: string,
  path: PathIdentity,
  segments: readonly string[],
  now: number | undefined,
): string {
  if (method !== 'DELETE' || path.template !== MESSAGE) return identity;
  const age = messageAge(segments[3] ?? '', now);
  return age === 'usual' ? identity : `${identity} (${age})`;
}
