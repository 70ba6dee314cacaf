import crypto from 'node:crypto';
import { decodeSegment, isDigits, type PathSegments, segmentAt } from './path.js';

/** The kinds of parameters that rate limits distinguish by name. Every other parameter is `minor`. */
export type ParameterKind = 'channel' | 'guild' | 'webhook' | 'token' | 'minor';

/** The kinds that a template declares for the segments of a path; `undefined` for a literal segment. */
export type DeclaredParameters = readonly (ParameterKind | undefined)[];

/** Everything that a path alone reveals, except the values of its parameters, so that many paths can share it. */
export interface PathShape {
  /** The path with a placeholder for each parameter: `/channels/{channel}/messages/{id}`. */
  readonly template: string;
  readonly kinds: readonly SegmentKind[];
  /** Index of the segment with the major parameter; -1 when there is none. */
  readonly major: number;
  /** Index of the token that belongs to the major parameter; -1 when there is none. */
  readonly majorToken: number;
  /** The credential of the request: the bot's, a token below `/webhooks`, or an interaction's in its callback. */
  readonly credential: 'bot' | 'webhook' | 'callback';
  /** Whether a segment is or may be a secret. */
  readonly mayHoldSecret: boolean;
}

/**
 * The kind of a segment. A `token` follows the id of a webhook or interaction; a `secret` is a token in another place;
 * a `named` segment is a minor parameter because of its place, whatever its value.
 */
export type SegmentKind =
  | 'literal'
  | 'minor'
  | 'named'
  | 'channel'
  | 'guild'
  | 'webhook'
  | 'interaction'
  | 'token'
  | 'secret';

/** The placeholder of each kind in a template; a literal stands for itself. */
const PLACEHOLDERS: Readonly<Record<SegmentKind, string | undefined>> = {
  literal: undefined,
  minor: '/{id}',
  named: '/{id}',
  secret: '/{id}',
  channel: '/{channel}',
  guild: '/{guild}',
  webhook: '/{webhook}',
  interaction: '/{interaction}',
  token: '/{token}',
};

/** The key of the major parameters of a route that has none. */
const NO_MAJOR_KEY = '-';

/** Base64 of "interaction:", the beginning of every interaction token. */
const INTERACTION_TOKEN_PREFIX = 'aW50ZXJhY3Rpb246';

/** The shortest segment that counts as a token. Webhook tokens have 68 characters; literal segments have far fewer. */
const SHORTEST_TOKEN = 60;

/** Hex digits kept of a secret's digest: 128 bits. */
const DIGEST_LENGTH = 32;

/** The template of a single message. The bucket of deleting it depends on the message's age. */
export const MESSAGE = '/channels/{channel}/messages/{id}';

/** All reaction paths of a message begin with this template and share counters. */
const REACTIONS = `${MESSAGE}/reactions`;

/**
 * Finds the template, major parameters and credential of a path. It needs no table of routes: ids are digits, and the
 * few places where other parameters occur are listed here.
 *
 * @param declared The kinds that the path's template declares, if it was compiled from one. Declared parameters are
 * parameters whatever their values. They name the major parameter when the path itself shows none.
 */
export function identifyPath(segments: PathSegments, declared?: DeclaredParameters): PathShape {
  const { decoded, encoded } = segments;
  const kinds: SegmentKind[] = [];
  let template = '';
  for (let index = 0; index < decoded.length; index++) {
    const kind = segmentKind(segments, index, kinds, declared?.[index]);
    template += PLACEHOLDERS[kind] ?? `/${encoded[index]}`;
    kinds.push(kind);
  }
  return {
    template: template || '/',
    kinds,
    ...majorSegments(kinds, declared),
    credential: credentialOf(decoded),
    mayHoldSecret: kinds.some(mayBeSecret) || decoded.some(looksLikeToken),
  };
}

/**
 * The key of a path's major parameters: the id, followed by a colon and the digest of the token if there is one; `-`
 * without major parameters. Ids are percent-encoded, so that none can contain a separator.
 *
 * @param path The path as it is sent.
 */
export function majorKeyOf(path: string, { major, majorToken }: PathShape): string {
  if (major < 0) return NO_MAJOR_KEY;
  const id = withoutSecret(segmentAt(path, major));
  return majorToken < 0 ? id : `${id}:${digest(decodeSegment(segmentAt(path, majorToken)))}`;
}

/** The path with `:token` in place of each secret, for logs and errors. */
export function shownPath(path: string, { kinds, mayHoldSecret }: PathShape): string {
  if (!mayHoldSecret) return path;
  const [, ...written] = path.split('/');
  const shown = written.map((segment, index) => (isSecret(segment, kinds[index]) ? ':token' : segment));
  return `/${shown.join('/')}`;
}

/** Whether a request is made with an interaction's token, rather than with a webhook's own. */
export function hasInteractionToken(path: string, { credential }: PathShape): boolean {
  if (credential !== 'webhook') return credential === 'callback';
  return segmentAt(path, 2).startsWith(INTERACTION_TOKEN_PREFIX);
}

/**
 * The string that identifies a route wherever routes are mapped to bucket hashes. All reaction paths of a message share
 * one identity per method group, because adding and removing count together, whatever the emoji and the user
 * (`discord-api-docs#981`).
 */
export function routeIdentity(method: string, template: string): string {
  if (!template.startsWith(REACTIONS)) return `${method} ${template}`;
  return `${method === 'PUT' || method === 'DELETE' ? 'PUT|DELETE' : method} ${REACTIONS}`;
}

/** The kind that a parameter's name declares. `channel`, `channel_id`, `channelId` and `channel.id` are the same. */
export function parameterKind(name: string): ParameterKind {
  const word = name.toLowerCase().replaceAll(/[._-]/g, '');
  if (word.endsWith('token')) return 'token';
  const resource = word.endsWith('id') ? word.slice(0, -2) : word;
  return resource === 'channel' || resource === 'guild' || resource === 'webhook' ? resource : 'minor';
}

function segmentKind(
  { decoded, encoded }: PathSegments,
  index: number,
  before: readonly SegmentKind[],
  declared: ParameterKind | undefined,
): SegmentKind {
  const segment = decoded[index] ?? '';
  const root = decoded[0];
  const isOpaque = isNeverLiteral(segment, encoded[index]);
  if (index > 0 && (root === 'webhooks' || root === 'interactions')) {
    return credentialedKind(root, segment, index) ?? freeKind(isOpaque);
  }
  if (segment === '@me') return 'literal';
  // Social identities: the segments that follow are names chosen by third parties, in any form.
  if (index > 2 && wordAt(2, decoded, before) === 'application-identities') return 'named';
  const parent = wordAt(index - 1, decoded, before);
  // `public` and `private` archives are different routes, although templates make the word a parameter.
  if (parent === 'archived') return freeKind(isOpaque);
  return childKind(parent, isOpaque || declared !== undefined) ?? freeKind(isOpaque, declared);
}

/** The literal or id at `index`; `undefined` for a name chosen by users, which says nothing about later segments. */
function wordAt(index: number, decoded: readonly string[], kinds: readonly SegmentKind[]): string | undefined {
  return kinds[index] === 'named' ? undefined : decoded[index];
}

/**
 * Below `/webhooks` and `/interactions`, the place decides: an id, a token, then a platform, `messages` or `callback`.
 */
function credentialedKind(root: 'webhooks' | 'interactions', segment: string, index: number): SegmentKind | undefined {
  if (index === 1) return root === 'webhooks' ? 'webhook' : 'interaction';
  if (index === 2) return 'token';
  // The original response to an interaction is one of its messages.
  return segment === '@original' ? 'minor' : undefined;
}

/** The kind that a segment has because of the segment before it. */
function childKind(parent: string | undefined, isParameter: boolean): SegmentKind | undefined {
  switch (parent) {
    case 'channels':
    case 'stage-instances':
      return isParameter ? 'channel' : undefined;
    case 'guilds':
      return isParameter ? 'guild' : undefined;
    case 'invites':
    case 'templates':
    case 'reactions':
    case 'activity-instances':
    case 'identities':
      return 'named';
    default:
      return undefined;
  }
}

function freeKind(isOpaque: boolean, declared?: ParameterKind): SegmentKind {
  if (declared === 'token') return 'secret';
  return isOpaque || declared !== undefined ? 'minor' : 'literal';
}

/** Whether a segment is an id, a token, or text that a template would read as a placeholder. */
function isNeverLiteral(segment: string, encoded: string | undefined): boolean {
  return isDigits(segment) || looksLikeToken(segment) || (segment !== encoded && /[{}]/.test(segment));
}

/** Whether a segment is masked because of its value. A segment that passes as it is sent also passes when decoded. */
export function looksLikeToken(segment: string): boolean {
  return segment.length >= SHORTEST_TOKEN || segment.startsWith(INTERACTION_TOKEN_PREFIX);
}

function mayBeSecret(kind: SegmentKind): boolean {
  return kind === 'token' || kind === 'secret' || kind === 'named';
}

function isSecret(segment: string, kind: SegmentKind | undefined): boolean {
  return kind === 'token' || kind === 'secret' || looksLikeToken(decodeSegment(segment));
}

/** Finds the major parameters by their place in the path or, when the path shows none, by name. */
function majorSegments(
  kinds: readonly SegmentKind[],
  declared: DeclaredParameters | undefined,
): Pick<PathShape, 'major' | 'majorToken'> {
  const major = kinds.findIndex(isMajor);
  if (major < 0) return declaredMajorSegments(declared ?? []);
  return { major, majorToken: kinds[major + 1] === 'token' ? major + 1 : -1 };
}

function isMajor(kind: SegmentKind): boolean {
  return kind === 'channel' || kind === 'guild' || kind === 'webhook' || kind === 'interaction';
}

/** Channel comes before guild, and guild before webhook. A token belongs to a webhook only. */
function declaredMajorSegments(declared: DeclaredParameters): Pick<PathShape, 'major' | 'majorToken'> {
  for (const kind of ['channel', 'guild', 'webhook'] as const) {
    const major = declared.indexOf(kind);
    if (major >= 0) return { major, majorToken: kind === 'webhook' ? declared.indexOf('token') : -1 };
  }
  return { major: -1, majorToken: -1 };
}

function withoutSecret(segment: string): string {
  if (!looksLikeToken(segment)) return segment;
  const decoded = decodeSegment(segment);
  return looksLikeToken(decoded) ? digest(decoded) : segment;
}

function digest(secret: string): string {
  return sha256(secret).slice(0, DIGEST_LENGTH);
}

/** Uses the one-step hash where there is one (Node 20.12), which takes less than half the time. */
function sha256(text: string): string {
  return crypto.hash === undefined
    ? crypto.createHash('sha256').update(text).digest('hex')
    : crypto.hash('sha256', text, 'hex');
}

function credentialOf(segments: readonly string[]): PathShape['credential'] {
  if (segments[2] === undefined) return 'bot';
  if (segments[0] === 'interactions') return 'callback';
  return segments[0] === 'webhooks' ? 'webhook' : 'bot';
}
