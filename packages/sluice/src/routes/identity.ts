import crypto from 'node:crypto';
import { decodeSegment, isDigits, type PathSegments, segmentAt } from './path.js';

/** Parameter names that mean something to rate limits; every other one is `minor`. */
export type ParameterKind = 'channel' | 'guild' | 'webhook' | 'token' | 'minor';

/** What a template's names say about the segments of a path: `undefined` for a segment that is written out. */
export type DeclaredParameters = readonly (ParameterKind | undefined)[];

/** What a path alone tells. It holds nothing of what the path's parameters hold, so that many paths can share it. */
export interface PathShape {
  /** The path with a placeholder for each parameter: `/channels/{channel}/messages/{id}`. */
  readonly template: string;
  readonly kinds: readonly SegmentKind[];
  /** Index of the segment that holds the major parameter; -1 when there is none. */
  readonly major: number;
  /** Index of the token that counts with it; -1 when there is none. */
  readonly majorToken: number;
  /** Whose request it is: the bot's, that of a token below `/webhooks`, or of an interaction's in its callback. */
  readonly credential: 'bot' | 'webhook' | 'callback';
  /** Whether a segment is a secret, or may be. */
  readonly mayHoldSecret: boolean;
}

/**
 * What stands in a segment. A `token` follows a webhook's or interaction's id; `secret` is one elsewhere; `named` is a
 * minor parameter that is one by its place, whatever it holds.
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

/** What stands in the template for a segment; a literal stands for itself. */
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

/** Stands for the major parameters of a route that has none. */
const NO_MAJORS = '-';

/** Base64 of "interaction:", with which every interaction token starts (facts part 7). */
const INTERACTION_TOKEN_PREFIX = 'aW50ZXJhY3Rpb246';

/** Webhook tokens have 68 characters (facts part 7); no literal segment of the API is nearly as long. */
const SHORTEST_TOKEN = 60;

/** Hex digits kept of a secret's digest: 128 bits. */
const DIGEST_LENGTH = 32;

/** The template of one message; deleting it depends on its age. */
export const MESSAGE = '/channels/{channel}/messages/{id}';

/** All paths from here on share counters. */
const REACTIONS = `${MESSAGE}/reactions`;

/**
 * The one rule by which a path tells its template, major parameters and credential. It knows no table of routes: ids
 * are digits, and only the few places where something else is a parameter are named.
 *
 * @param declared From the template that the path was made of, if any. Its parameters are parameters whatever they
 * hold; where the path itself shows no major parameter, those named like one are.
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
    ...majorsIn(kinds, declared),
    credential: credentialOf(decoded),
    mayHoldSecret: kinds.some(mayBeSecret) || decoded.some(looksLikeToken),
  };
}

/**
 * The major parameters that a path holds: the id, and behind a colon the digest of the token, if one counts; `-` when
 * there are none. Ids are encoded, so that none can hold a separator.
 *
 * @param path As it is sent.
 */
export function majorsOf(path: string, { major, majorToken }: PathShape): string {
  if (major < 0) return NO_MAJORS;
  const id = withoutSecret(segmentAt(path, major));
  return majorToken < 0 ? id : `${id}:${digest(decodeSegment(segmentAt(path, majorToken)))}`;
}

/** The path as it may be shown: `:token` in place of each secret. */
export function shownPath(path: string, { kinds, mayHoldSecret }: PathShape): string {
  if (!mayHoldSecret) return path;
  const [, ...written] = path.split('/');
  const shown = written.map((segment, index) => (isSecret(segment, kinds[index]) ? ':token' : segment));
  return `/${shown.join('/')}`;
}

/** Whether an interaction's token makes the request, and not a webhook's own. */
export function hasInteractionToken(path: string, { credential }: PathShape): boolean {
  if (credential !== 'webhook') return credential === 'callback';
  return segmentAt(path, 2).startsWith(INTERACTION_TOKEN_PREFIX);
}

/**
 * The string that stands for a route wherever routes are mapped to bucket hashes. All reactions of a message share
 * one by method group: adding and removing count together, whatever the emoji and the user (facts part 2, #981).
 */
export function routeIdentity(method: string, template: string): string {
  if (!template.startsWith(REACTIONS)) return `${method} ${template}`;
  return `${method === 'PUT' || method === 'DELETE' ? 'PUT|DELETE' : method} ${REACTIONS}`;
}

/** What a template's parameter name says: `channel`, `channel_id`, `channelId` and `channel.id` are all one. */
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
  // Social identities: what follows is named by others, in any way they like.
  if (index > 2 && wordAt(2, decoded, before) === 'application-identities') return 'named';
  const parent = wordAt(index - 1, decoded, before);
  // Public or private: an archive's kind is part of the route, though templates make it a parameter.
  if (parent === 'archived') return freeKind(isOpaque);
  return childKind(parent, isOpaque || declared !== undefined) ?? freeKind(isOpaque, declared);
}

/** What a segment says about those after it: nothing when others named it. */
function wordAt(index: number, decoded: readonly string[], kinds: readonly SegmentKind[]): string | undefined {
  return kinds[index] === 'named' ? undefined : decoded[index];
}

/** Below `/webhooks` and `/interactions` the place tells: id, then token; a platform, `messages` or `callback` follows. */
function credentialedKind(root: 'webhooks' | 'interactions', segment: string, index: number): SegmentKind | undefined {
  if (index === 1) return root === 'webhooks' ? 'webhook' : 'interaction';
  if (index === 2) return 'token';
  // The first answer to an interaction is one of its messages.
  return segment === '@original' ? 'minor' : undefined;
}

/** What a segment is because of the one before it. */
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

/** Ids, tokens, and what would be taken for a placeholder if it stood in a template. */
function isNeverLiteral(segment: string, encoded: string | undefined): boolean {
  return isDigits(segment) || looksLikeToken(segment) || (segment !== encoded && /[{}]/.test(segment));
}

/** Whether a segment is hidden for what it holds. What does not look like one as it is sent does not when decoded. */
export function looksLikeToken(segment: string): boolean {
  return segment.length >= SHORTEST_TOKEN || segment.startsWith(INTERACTION_TOKEN_PREFIX);
}

function mayBeSecret(kind: SegmentKind): boolean {
  return kind === 'token' || kind === 'secret' || kind === 'named';
}

function isSecret(segment: string, kind: SegmentKind | undefined): boolean {
  return kind === 'token' || kind === 'secret' || looksLikeToken(decodeSegment(segment));
}

/** Where the major parameters are: by their place in the path or, where it shows none, by name. */
function majorsIn(
  kinds: readonly SegmentKind[],
  declared: DeclaredParameters | undefined,
): Pick<PathShape, 'major' | 'majorToken'> {
  const major = kinds.findIndex(isMajor);
  if (major < 0) return declaredMajors(declared ?? []);
  return { major, majorToken: kinds[major + 1] === 'token' ? major + 1 : -1 };
}

function isMajor(kind: SegmentKind): boolean {
  return kind === 'channel' || kind === 'guild' || kind === 'webhook' || kind === 'interaction';
}

/** The order is the seed's: channel; guild; webhook and token; webhook. */
function declaredMajors(declared: DeclaredParameters): Pick<PathShape, 'major' | 'majorToken'> {
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

/** In one step where the platform can (Node 20.12), which takes less than half the time. */
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
