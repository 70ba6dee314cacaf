/** A segment is fixed text, then perhaps one parameter; a `*` lets the parameter match all that follows. */
const SEGMENT = /^([^{}\s?#]*)(?:\{([a-z]+)(\*?)\})?$/;

interface Segment {
  readonly prefix: string;
  readonly parameter: string | undefined;
  readonly takesRest: boolean;
}

/** The segments of a path, without `/api`, `/v{n}`, query and trailing slash. They are not percent-decoded. */
export function pathSegments(path: string): string[] {
  const bare = path
    .replace(/[?#].*$/, '')
    .replace(/^\/api(?=\/|$)/, '')
    .replace(/^\/v\d+(?=\/|$)/, '')
    .replace(/\/$/, '');
  return bare.split('/').slice(1);
}

/** Whether `text` can be the template of a route, such as `/channels/{channel}/messages`. */
export function isPathTemplate(text: string): boolean {
  const segments = pathSegments(text);
  const parsed = segments.map(parseSegment);
  const early = parsed.slice(0, -1);
  return text.startsWith('/') && parsed.every((segment) => segment !== undefined) && !early.some((s) => s?.takesRest);
}

/**
 * A route's path with named parameters.
 *
 * `{name}` matches one segment and may follow fixed text (`/webhooks/{webhook}/aW50{token}`). `{name*}`, only at the
 * end, matches one segment and all that follow.
 */
export class PathTemplate {
  /** The names of the parameters, in order. */
  readonly parameters: readonly string[];
  readonly #segments: readonly Segment[];
  readonly #takesRest: boolean;

  /** @throws TypeError for a text that {@link isPathTemplate} rejects */
  constructor(text: string) {
    if (!isPathTemplate(text)) throw new TypeError(`Not a path template: ${text}`);
    this.#segments = pathSegments(text).flatMap((segment) => parseSegment(segment) ?? []);
    this.#takesRest = this.#segments.at(-1)?.takesRest ?? false;
    this.parameters = this.#segments.flatMap((segment) => segment.parameter ?? []);
  }

  /** The values of the parameters when the template matches the path's segments, otherwise `undefined`. */
  match(path: readonly string[]): Map<string, string> | undefined {
    const wanted = this.#segments.length;
    if (path.length < wanted || (path.length > wanted && !this.#takesRest)) return undefined;
    const values = new Map<string, string>();
    for (const [index, segment] of this.#segments.entries()) {
      const text = segment.takesRest ? path.slice(index).join('/') : (path[index] ?? '');
      if (!takeSegment(segment, text, values)) return undefined;
    }
    return values;
  }
}

function parseSegment(text: string): Segment | undefined {
  const found = SEGMENT.exec(text);
  if (text === '' || found === null) return undefined;
  return { prefix: found[1] ?? '', parameter: found[2], takesRest: found[3] === '*' };
}

function takeSegment(segment: Segment, text: string, values: Map<string, string>): boolean {
  if (segment.parameter === undefined) return text === segment.prefix;
  if (!text.startsWith(segment.prefix) || text.length === segment.prefix.length) return false;
  values.set(segment.parameter, text.slice(segment.prefix.length));
  return true;
}
