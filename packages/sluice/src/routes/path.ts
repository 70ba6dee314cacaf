import { RouteError } from './route-error.js';

/** A path cut at its slashes. The two lists run in parallel; a segment that needs no encoding is the same in both. */
export interface PathSegments {
  /** What each segment means. */
  readonly decoded: readonly string[];
  /** How each segment is sent. */
  readonly encoded: readonly string[];
}

/** Characters that stand for themselves: those which `encodeURIComponent` keeps, and the `@` of `@me`. */
const PLAIN_SEGMENT = /^[\w@.~!*'()-]*$/;

/** The same and slashes. */
const PLAIN_PATH = /^[\w@.~!*'()/-]*$/;

const API_PREFIX = /^(?:\/api|\/v\d+)+(?=\/)/;

/** Scheme and authority of a full URL. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * Cuts a path or URL into its segments. Origin, `/api`, `/v{n}`, query, fragment and empty segments are left out, and
 * each segment is decoded exactly once, so that every spelling of one path gives the same segments. An encoded slash
 * stays inside its segment.
 *
 * @throws RouteError on malformed percent-encoding and on `.` or `..` segments, however they are written.
 */
export function splitPath(pathOrURL: string): PathSegments {
  const path = barePath(pathOrURL);
  const written = cut(path);
  if (PLAIN_PATH.test(path)) return checked({ decoded: written, encoded: written });
  try {
    const decoded = written.map(decodeSegment);
    return checked({ decoded, encoded: decoded.map(encodeSegment) });
  } catch (error) {
    if (error instanceof URIError) throw new RouteError('The path holds malformed percent-encoding or Unicode.');
    throw error;
  }
}

/** The path without origin, query and fragment, and without `/api` and `/v{n}` as far as they are plainly written. */
export function barePath(pathOrURL: string): string {
  const path = pathOrURL.startsWith('/') ? pathOrURL : pathOrURL.replace(ORIGIN, '');
  const bare = before(before(path, '?'), '#');
  const first = bare.charAt(1);
  // A look at one character saves most paths the search.
  return first === 'a' || first === 'v' ? bare.replace(API_PREFIX, '') : bare;
}

/**
 * Writes a segment as it is sent.
 *
 * @throws URIError when it holds half of a surrogate pair.
 */
export function encodeSegment(segment: string): string {
  return PLAIN_SEGMENT.test(segment) ? segment : encodeURIComponent(segment).replaceAll('%40', '@');
}

/** Whether a segment can be sent as it is written. A few that could, with `@` among what is encoded, do not pass. */
export function isCanonical(segment: string): boolean {
  if (PLAIN_SEGMENT.test(segment)) return segment !== '' && !isDotSegment(segment);
  if (segment.includes('%40')) return false;
  try {
    return encodeURIComponent(decodeURIComponent(segment)) === segment;
  } catch {
    return false;
  }
}

/** The segments of a path as it is sent: nothing in it is left out. */
export function cutSent(path: string): PathSegments {
  const encoded = cut(path);
  return { decoded: encoded.map(decodeSegment), encoded };
}

/** A segment of a path that begins with a slash and has no empty ones. */
export function segmentAt(path: string, index: number): string {
  let start = 1;
  for (let passed = 0; passed < index; passed++) start = path.indexOf('/', start) + 1;
  const end = path.indexOf('/', start);
  return end < 0 ? path.slice(start) : path.slice(start, end);
}

/** Whether a segment would stay or climb in the path instead of going down. */
export function isDotSegment(segment: string): boolean {
  return segment === '.' || segment === '..';
}

/** Whether a text is digits only from `start` to `end`, and at least one. */
export function isDigits(text: string, start = 0, end = text.length): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return end > start;
}

/** The text that a segment means. @throws URIError when its percent-encoding is malformed. */
export function decodeSegment(segment: string): string {
  return segment.includes('%') ? decodeURIComponent(segment) : segment;
}

function before(text: string, mark: string): string {
  const end = text.indexOf(mark);
  return end < 0 ? text : text.slice(0, end);
}

/** Like `split('/')`, without what is empty, in a third of the time. */
function cut(path: string): string[] {
  const segments: string[] = [];
  for (let start = 0; start < path.length; ) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) segments.push(path.slice(start, end));
    start = end + 1;
  }
  return segments;
}

function checked(segments: PathSegments): PathSegments {
  const { decoded, encoded } = segments;
  if (decoded.some(isDotSegment)) throw new RouteError('The path holds a "." or ".." segment.');
  let first = 0;
  while (isAPIPrefix(decoded[first])) first++;
  return first === 0 ? segments : { decoded: decoded.slice(first), encoded: encoded.slice(first) };
}

function isAPIPrefix(segment: string | undefined): boolean {
  return segment === 'api' || (segment?.charAt(0) === 'v' && isDigits(segment, 1));
}
