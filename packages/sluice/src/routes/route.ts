import {
  type DeclaredParameters,
  hasInteractionToken,
  identifyPath,
  MESSAGE,
  majorKeyOf,
  type ParameterKind,
  type PathShape,
  parameterKind,
  routeIdentity,
  type SegmentKind,
  shownPath,
} from './identity.js';
import { barePath, cutSent, encodeSegment, isDotSegment, type PathSegments, splitPath } from './path.js';
import { isID, PathTree } from './path-tree.js';
import { RouteError } from './route-error.js';
import { messageAge } from './snowflake.js';

/** Separates the parts of a real bucket hash. No part contains it. */
export const HASH_SEPARATOR = ';';

/** The bucket hash of a route until a response names it. */
export const UNKNOWN_HASH = 'UNKNOWN';

/**
 * Values for a template's parameters. Snowflakes must be strings or bigints: a number cannot represent them exactly.
 */
export type RouteParameters = Readonly<Record<string, string | number | bigint>>;

/** Options of {@link Route.compile} and {@link Route.match}. */
export interface CompileOptions {
  /** Wall-clock time in ms since the Unix epoch, from which the age of a message is computed. Default: now. */
  readonly now?: number;
}

/** A method and a path with named parameters: one kind of request, such as "create a message". */
export class Route {
  /** The method, in upper case. */
  readonly method: string;
  /** The path without `/api/v{n}`, with `{name}` for each parameter. */
  readonly pathTemplate: string;
  /**
   * Identifies this kind of request wherever routes are mapped to bucket hashes: the method, and the template with
   * canonical parameter names, such as `POST /channels/{channel}/messages`. Templates that differ only in parameter
   * names or spelling have the same identity.
   */
  readonly identity: string;
  readonly #segments: readonly TemplateSegment[];
  readonly #declared: DeclaredParameters;
  readonly #names: ReadonlySet<string>;
  /** The shape of every path of this template whose parameters are ids. */
  readonly #shape: PathShape;

  /**
   * Major parameters are found by their place in the path (`/channels/{}`, `/guilds/{}`, `/webhooks/{}/{}`) or, when
   * the path shows none, by name: `channel`, `guild`, `webhook`, `token`, also as `channel_id` or `channelId`.
   *
   * @throws RouteError when the method does not consist of letters, or the template is malformed.
   */
  constructor(method: string, pathTemplate: string) {
    this.method = canonicalMethod(method);
    this.#segments = parseTemplate(pathTemplate);
    this.#declared = this.#segments.map((segment) => ('name' in segment ? segment.kind : undefined));
    this.#names = new Set(this.#segments.flatMap((segment) => ('name' in segment ? [segment.name] : [])));
    const sample = placeholders(this.#segments);
    this.#shape = identifyPath(sample, this.#declared);
    this.identity = routeIdentity(this.method, this.#shape.template);
    this.pathTemplate = showTemplate(this.#segments, shownPath(joinPath(sample.encoded), this.#shape));
  }

  /**
   * Fills in the parameters. Each value is percent-encoded, so that no value can change the route.
   *
   * @throws RouteError when a value is missing, empty, `.`, `..` or not exact, or the template has no such parameter.
   */
  compile(parameters: RouteParameters = {}, options: CompileOptions = {}): CompiledRoute {
    this.#checkNames(parameters);
    const { kinds, major, majorToken } = this.#shape;
    let path = '';
    let isUsual = true;
    let majorKey: string | undefined;
    for (const [index, segment] of this.#segments.entries()) {
      if ('name' in segment) {
        const text = this.#parameter(segment.name, parameters);
        path += `/${this.#encode(segment.name, text)}`;
        if (!isID(text)) isUsual &&= takesAnyValue(text, kinds[index]);
        else if (index === major && majorToken < 0) majorKey = text;
      } else {
        path += `/${segment.encoded}`;
      }
    }
    if (isUsual) return this.#compiled(path || '/', this.#shape, options, majorKey);
    // A value that is not an id may turn the path into that of another route.
    return this.#compiled(path, identifyPath(cutSent(path), this.#declared), options);
  }

  #compiled(path: string, shape: PathShape, { now }: CompileOptions, majorKey?: string): CompiledRoute {
    const identity = shape === this.#shape ? this.identity : routeIdentity(this.method, shape.template);
    return new CompiledRoute(this, path, shape, byAge(identity, this.method, path, shape, now), majorKey);
  }

  /**
   * Recognises the route of a path or URL without a table of routes. Origin, `/api`, `/v{n}`, query, fragment, extra
   * slashes and unnecessary percent-encoding make no difference to the result.
   *
   * @throws RouteError when the method does not consist of letters, or the path contains `.` or `..` segments or
   * malformed percent-encoding.
   */
  static match(method: string, pathOrURL: string, options: CompileOptions = {}): CompiledRoute {
    const bare = barePath(pathOrURL);
    const known = matchedPaths.find(bare);
    if (known !== undefined) return compileMatched(known, method, bare, options);
    const segments = splitPath(pathOrURL);
    const path = joinPath(segments.encoded);
    return compileMatched(matchedPaths.find(path) ?? remember(segments), method, path, options);
  }

  /** Returns text such as `POST /channels/{channel}/messages`. */
  toString(): string {
    return `${this.method} ${this.pathTemplate}`;
  }

  #checkNames(parameters: RouteParameters): void {
    for (const name of Object.keys(parameters)) {
      if (!this.#names.has(name)) throw this.#error(name, 'is not part of the template');
    }
  }

  #parameter(name: string, parameters: RouteParameters): string {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || value === null) throw this.#error(name, 'is missing');
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw this.#error(name, 'is not an exact integer; pass snowflakes as strings or bigints');
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

/** A route with its parameters filled in: a request, as far as rate limits distinguish requests. */
export class CompiledRoute {
  readonly route: Route;
  /** {@link Route.identity}. Deleting a message has one of three identities, by the message's age. */
  readonly identity: string;
  /** `#private`, because the path may contain a token: nothing that prints this object shows it. */
  readonly #compiledPath: string;
  readonly #shape: PathShape;
  #majorKey: string | undefined;

  /**
   * Called by {@link Route.compile} and {@link Route.match}.
   *
   * @param majorKey {@link majorParamHash}, if the caller has it: the engine has often hashed that string already.
   */
  constructor(route: Route, path: string, shape: PathShape, identity: string, majorKey?: string) {
    this.route = route;
    this.identity = identity;
    this.#compiledPath = path;
    this.#shape = shape;
    this.#majorKey = majorKey;
  }

  /**
   * Key of the major parameters: the id, or `-` without any. A token is a truncated SHA-256 digest, as in `123:0f1e…`.
   */
  get majorParamHash(): string {
    this.#majorKey ??= majorKeyOf(this.#compiledPath, this.#shape);
    return this.#majorKey;
  }

  /** The method, in upper case. */
  get method(): string {
    return this.route.method;
  }

  /** The path to send: percent-encoded, without `/api/v{n}` and query. It may contain a token; do not log it. */
  get compiledPath(): string {
    return this.#compiledPath;
  }

  /** Whether the request uses an interaction's token, which exempts it from the global limit. */
  get isInteraction(): boolean {
    return hasInteractionToken(this.#compiledPath, this.#shape);
  }

  /** Whether the request has a bucket: `false` for interaction callbacks. */
  get hasBucket(): boolean {
    return this.#shape.credential !== 'callback';
  }

  /** Whether the request uses a token below `/webhooks`: a webhook's own or an interaction's. */
  get usesWebhookToken(): boolean {
    return this.#shape.credential === 'webhook';
  }

  /**
   * Whether the bot's Authorization header is sent with the request. `false` when the path has a token of its own: with
   * the header, the request would count as the bot's (`discord-api-docs#4142`).
   */
  get sendsAuthorization(): boolean {
    return this.#shape.credential === 'bot';
  }

  /** Joins a base URL, such as `https://discord.com/api/v10`, and the path. */
  createURL(base: string): string {
    let end = base.length;
    while (base.charAt(end - 1) === '/') end--;
    return base.slice(0, end) + this.#compiledPath;
  }

  /**
   * The key of the bucket that limits this request.
   *
   * @param hash The bucket hash, or {@link UNKNOWN_HASH}.
   * @param authHash The digest of the authentication.
   */
  createRealBucketHash(hash: string, authHash: string): string {
    return hash + HASH_SEPARATOR + authHash + HASH_SEPARATOR + this.majorParamHash;
  }

  /** Returns text such as `POST /channels/123/messages`, with `:token` in place of a token. */
  toString(): string {
    return `${this.method} ${shownPath(this.#compiledPath, this.#shape)}`;
  }
}

/** A segment of a template: a literal, or a parameter. */
type TemplateSegment =
  | { readonly literal: string; readonly encoded: string }
  | { readonly name: string; readonly kind: ParameterKind };

const PARAMETER = /^\{([\w.-]+)\}$/;

function parseTemplate(pathTemplate: string): TemplateSegment[] {
  const { decoded, encoded } = splitPath(pathTemplate);
  return decoded.map((literal, index) => {
    const name = PARAMETER.exec(literal)?.[1];
    if (name !== undefined) return { name, kind: parameterKind(name) };
    if (/[{}]/.test(literal)) throw new RouteError('A parameter must fill a whole segment, as in "/{name}/".');
    return { literal, encoded: encoded[index] ?? '' };
  });
}

/** The segments of a template with an id in place of each parameter. */
function placeholders(template: readonly TemplateSegment[]): PathSegments {
  return {
    decoded: template.map((segment) => ('name' in segment ? '{id}' : segment.literal)),
    encoded: template.map((segment) => ('name' in segment ? '{id}' : segment.encoded)),
  };
}

/** The template with its own parameter names, and with `:token` in place of a secret that is written out in it. */
function showTemplate(template: readonly TemplateSegment[], shownPath: string): string {
  const shown = shownPath.split('/').slice(1);
  return `/${shown.map((text, index) => nameAt(template, index) ?? text).join('/')}`;
}

function nameAt(template: readonly TemplateSegment[], index: number): string | undefined {
  const segment = template[index];
  return segment !== undefined && 'name' in segment ? `{${segment.name}}` : undefined;
}

/** How many methods of one path are remembered: enough for HTTP, and a bound on invented ones. */
const MAX_METHODS = 10;

const COMMON_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function canonicalMethod(method: string): string {
  if (COMMON_METHODS.has(method)) return method;
  if (!/^[a-z]+$/i.test(method)) throw new RouteError('The method must consist of letters only.');
  return method.toUpperCase();
}

/** The longest template that is remembered, in characters. Discord has none that is longer. */
const LONGEST_REMEMBERED_TEMPLATE = 256;

/** A shape of paths, and its routes by method. */
interface MatchedPath {
  readonly shape: PathShape;
  readonly routes: Map<string, Route>;
}

const matchedPaths = new PathTree<MatchedPath>();

function remember(segments: PathSegments): MatchedPath {
  const shape = identifyPath(segments);
  const matched = { shape, routes: new Map<string, Route>() };
  if (shape.template.length <= LONGEST_REMEMBERED_TEMPLATE) matchedPaths.add(segments, shape, matched);
  return matched;
}

function compileMatched(matched: MatchedPath, method: string, path: string, { now }: CompileOptions): CompiledRoute {
  const { shape, routes } = matched;
  const route = routes.get(method) ?? matchedRoute(matched, canonicalMethod(method));
  return new CompiledRoute(route, path, shape, byAge(route.identity, route.method, path, shape, now));
}

function matchedRoute({ shape, routes }: MatchedPath, method: string): Route {
  const known = routes.get(method);
  if (known !== undefined) return known;
  const route = new Route(method, shape.template);
  if (routes.size < MAX_METHODS) routes.set(method, route);
  return route;
}

function joinPath(encoded: readonly string[]): string {
  return `/${encoded.join('/')}`;
}

/** Whether a parameter is one because of its place, so that no value turns the path into that of another route. */
function takesAnyValue(text: string, kind: SegmentKind | undefined): boolean {
  return kind === 'token' || (kind === 'named' && text !== '@me');
}

/** Adds the age to the identity of deleting a message: old and new messages have buckets of their own. */
function byAge(
  identity: string,
  method: string,
  path: string,
  { template }: PathShape,
  now: number | undefined,
): string {
  if (method !== 'DELETE' || template !== MESSAGE) return identity;
  const age = messageAge(path.slice(path.lastIndexOf('/') + 1), now);
  return age === 'usual' ? identity : `${identity} (${age})`;
}
