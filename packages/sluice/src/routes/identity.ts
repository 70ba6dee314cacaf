import { createHash } from 'node:crypto';
import { isDigits, type PathSegments } from './path.js';

/** Parameter names that mean something to rate limits; every other one is `minor`. */
export type ParameterKind = 'channel' | 'guild' | 'webhook' | 'token' | 'minor';

/** What a template's names say about the segments of a path: `undefined` for a segment that is written out. */
export type DeclaredParameters = readonly (ParameterKind | undefined)[];

/** Whose request it is: the bot's, that of a webhook's token, or (the last two) of an interaction's token. */
export type Credential = 'bot' | 'webhook' | 'followup' | 'callback';

/** What a path alone tells. */
export interface PathIdentity {
  /** The path with a placeholder for each parameter: `/channels/{channel}/messages/{id}`. */
  readonly template: string;
  /** The path as it is sent. */
  readonly path: string;
  /** The path as it may be shown: `:token` in place of each secret. */
  readonly shownPath: string;
  /** The major parameters, secrets as digests: `channel:123`, or `-` when there are none. */
  readonly majors: string;
  readonly credential: Credential;
}

/** What stands in a segment. A `token` follows a webhook's or interaction's id; `secret` is one elsewhere. */
type SegmentKind = 'literal' | 'minor' | 'channel' | 'guild' | 'webhook' | 'interaction' | 'token' | 'secret';

/** What stands in the template for a segment; a literal stands for itself. */
const PLACEHOLDERS: Readonly<Record<SegmentKind, string | undefined>> = {
  literal: undefined,
  minor: '/{id}',
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
export function identifyPath(segments: PathSegments, declared?: DeclaredParameters): PathIdentity {
  const { decoded, encoded } = segments;
  let template = '';
  let path = '';
  let shownPath = '';
  let hidesSecret = false;
  let majors: string | undefined;
  for (let index = 0; index < decoded.length; index++) {
    const kind = segmentKind(segments, index, declared?.[index]);
    const written = `/${encoded[index]}`;
    const isHidden = kind === 'token' || kind === 'secret' || looksLikeToken(decoded[index]);
    template += PLACEHOLDERS[kind] ?? written;
    path += written;
    shownPath += isHidden ? '/:token' : written;
    hidesSecret ||= isHidden;
    majors ??= majorsAt(segments, index, kind);
  }
  return {
    template: template || '/',
    path: path || '/',
    shownPath: hidesSecret ? shownPath : path || '/',
    majors: majors ?? declaredMajors(segments, declared) ?? NO_MAJORS,
    credential: credentialOf(decoded),
  };
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
  if (index > 2 && decoded[2] === 'application-identities') return 'minor';
  const parent = decoded[index - 1];
  // Public or private: an archive's kind is part of the route, though templates make it a parameter.
  if (parent === 'archived') return freeKind(isOpaque);
  return childKind(parent, isOpaque || declared !== undefined) ?? freeKind(isOpaque, declared);
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
      return 'minor';
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

function looksLikeToken(segment: string | undefined): boolean {
  return segment !== undefined && (segment.length >= SHORTEST_TOKEN || segment.startsWith(INTERACTION_TOKEN_PREFIX));
}

/** The major parameters that start at a segment, if any do. */
function majorsAt(segments: PathSegments, index: number, kind: SegmentKind): string | undefined {
  switch (kind) {
    case 'channel':
    case 'guild':
      return `${kind}:${majorValue(segments, index)}`;
    case 'webhook':
    case 'interaction':
      return withToken(`${kind}:${majorValue(segments, index)}`, segments.decoded[index + 1]);
    default:
      return undefined;
  }
}

/** Majors by name, for paths that show none. The order is the seed's: channel; guild; webhook and token; webhook. */
function declaredMajors(segments: PathSegments, declared: DeclaredParameters | undefined): string | undefined {
  for (const kind of ['channel', 'guild', 'webhook'] as const) {
    const index = declared?.indexOf(kind) ?? -1;
    if (index < 0) continue;
    const major = `${kind}:${majorValue(segments, index)}`;
    return kind === 'webhook' ? withToken(major, segments.decoded[declared?.indexOf('token') ?? -1]) : major;
  }
  return undefined;
}

/** Encoded, so that no value can hold a separator. */
function majorValue({ decoded, encoded }: PathSegments, index: number): string {
  const value = decoded[index] ?? '';
  return looksLikeToken(value) ? digest(value) : (encoded[index] ?? '');
}

function withToken(major: string, token: string | undefined): string {
  return token === undefined ? major : `${major}:${digest(token)}`;
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, DIGEST_LENGTH);
}

function credentialOf(segments: readonly string[]): Credential {
  const token = segments[2];
  if (token === undefined) return 'bot';
  if (segments[0] === 'interactions') return 'callback';
  if (segments[0] !== 'webhooks') return 'bot';
  return token.startsWith(INTERACTION_TOKEN_PREFIX) ? 'followup' : 'webhook';
}
