import {
  type DeclaredParameters,
  hasInteractionToken,
  identifyPath,
  MESSAGE,
  majorsOf,
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
  readonly #names: ReadonlySet<string>;
  /** What holds for every path of the template whose parameters are ids. */
  readonly #shape: PathShape;

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
    this.#names = new Set(this.#segments.flatMap((segment) => ('name' in segment ? [segment.name] : [])));
    const sample = placeholders(this.#segments);
    this.#shape = identifyPath(sample, this.#declared);
    this.identity = routeIdentity(this.method, this.#shape.template);
    this.pathTemplate = showTemplate(this.#segments, shownPath(joinPath(sample.encoded), this.#shape));
  }

  /**
   * Fills in the parameters. Each is percent-encoded, so that none can change which route it is.
   *
   * @throws RouteError when a parameter is missing, empty, `.`, `..`, not exact, or not part of the template.
   */
  compile(parameters: RouteParameters = {}, options: CompileOptions = {}): CompiledRoute {
    this.#refuseUnknown(parameters);
    const { kinds, major, majorToken } = this.#shape;
    let path = '';
    let isUsual = true;
    let majors: string | undefined;
    for (const [index, segment] of this.#segments.entries()) {
      if ('name' in segment) {
        const text = this.#parameter(segment.name, parameters);
        path += `/${this.#encode(segment.name, text)}`;
        if (!isID(text)) isUsual &&= isAnything(text, kinds[index]);
        else if (index === major && majorToken < 0) majors = text;
      } else {
        path += `/${segment.encoded}`;
      }
    }
    if (isUsual) return this.#compiled(path || '/', this.#shape, options, majors);
    // What is no id may make it another route.
    return this.#compiled(path, identifyPath(cutSent(path), this.#declared), options);
  }

  #compiled(path: string, shape: PathShape, { now }: CompileOptions, majors?: string): CompiledRoute {
    const identity = shape === this.#shape ? this.identity : routeIdentity(this.method, shape.template);
    return new CompiledRoute(this, path, shape, byAge(identity, this.method, path, shape, now), majors);
  }

  /**
   * Recognises a bare path or URL, without any table of routes: with or without origin, `/api`, `/v{n}`, query,
   * fragment, surplus slashes and percent-encoding, one path always gives the same identity.
   *
   * @throws RouteError when the method is not a word of letters, or the path holds `.` or `..` segments or malformed
   * percent-encoding.
   */
  static match(method: string, pathOrURL: string, options: CompileOptions = {}): CompiledRoute {
    const bare = barePath(pathOrURL);
    const known = matchedPaths.find(bare);
    if (known !== undefined) return compileMatched(known, method, bare, options);
    const segments = splitPath(pathOrURL);
    const path = joinPath(segments.encoded);
    return compileMatched(matchedPaths.find(path) ?? remember(segments), method, path, options);
  }

  /** As `POST /channels/{channel}/messages`. */
  toString(): string {
    return `${this.method} ${this.pathTemplate}`;
  }

  #refuseUnknown(parameters: RouteParameters): void {
    for (const name of Object.keys(parameters)) {
      if (!this.#names.has(name)) throw this.#error(name, 'is not part of the template');
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
  /** Private, as the path may hold a token: nothing that prints this object shows it. */
  readonly #compiledPath: string;
  readonly #shape: PathShape;
  #majors: string | undefined;

  /**
   * Made by {@link Route.compile} and {@link Route.match}.
   *
   * @param majors {@link majorParamHash}, where it is at hand: a caller's own string has often been hashed before.
   */
  constructor(route: Route, path: string, shape: PathShape, identity: string, majors?: string) {
    this.route = route;
    this.identity = identity;
    this.#compiledPath = path;
    this.#shape = shape;
    this.#majors = majors;
  }

  /** The major parameters: the id, `-` without any. Tokens enter as truncated SHA-256 digests, as `123:0f1e…`. */
  get majorParamHash(): string {
    this.#majors ??= majorsOf(this.#compiledPath, this.#shape);
    return this.#majors;
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
    return hasInteractionToken(this.#compiledPath, this.#shape);
  }

  /** Whether a bucket can limit it: `false` for interaction callbacks (facts part 7). */
  get hasBucket(): boolean {
    return this.#shape.credential !== 'callback';
  }

  /** Whether a token below `/webhooks`, a webhook's own or an interaction's, makes the request. */
  get usesWebhookToken(): boolean {
    return this.#shape.credential === 'webhook';
  }

  /**
   * Whether the bot's Authorization goes with it. `false` where the path holds its own token: there it would make the
   * request count as the bot's (facts part 5, #4142).
   */
  get sendsAuthorization(): boolean {
    return this.#shape.credential === 'bot';
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
    return `${this.method} ${shownPath(this.#compiledPath, this.#shape)}`;
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

/** How many methods of one path are remembered: all that HTTP has, not all words. */
const MAX_METHODS = 10;

const COMMON_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function canonicalMethod(method: string): string {
  if (COMMON_METHODS.has(method)) return method;
  if (!/^[a-z]+$/i.test(method)) throw new RouteError('The method must be a word of letters.');
  return method.toUpperCase();
}

/** Longer templates are not remembered; Discord has none. */
const LONGEST_REMEMBERED_TEMPLATE = 256;

/** A shape of paths, and the routes that have it, by method. */
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

/** Whether a parameter is one by its place, so that what it holds makes no other route of it. */
function isAnything(text: string, kind: SegmentKind | undefined): boolean {
  return kind === 'token' || (kind === 'named' && text !== '@me');
}

/** Deleting a message has a bucket of its own when the message is old or new (facts part 2). */
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
