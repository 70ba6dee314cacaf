import { type CompiledRoute, Route } from '../routes/route.js';
import { RouteError } from '../routes/route-error.js';

/** Where a request goes. */
export interface RequestTarget {
  readonly route: CompiledRoute;
  /** The query that came with the path, without its `?`. */
  readonly query: string;
}

/**
 * Reads a path such as `/channels/123/messages?limit=5`, or a compiled route. Nothing that it accepts can lead out of
 * the base URL.
 *
 * @param method Left out, a compiled route's own or GET.
 * @throws RouteError on a full URL, a path that starts with none or two slashes, `.` and `..` segments, a fragment,
 * malformed percent-encoding, and a compiled route of another method.
 */
export function resolveTarget(target: string | CompiledRoute, method: string | undefined): RequestTarget {
  if (typeof target === 'string') return matchPath(target, method ?? 'GET');
  if (method !== undefined && method.toUpperCase() !== target.method) {
    throw new RouteError(`The route is for ${target.method}, not for ${method}.`, { route: String(target) });
  }
  return { route: target, query: '' };
}

function matchPath(target: string, method: string): RequestTarget {
  if (!/^\/(?![/\\])/.test(target)) {
    throw new RouteError('A path must start with one slash: neither a full URL nor another host is possible here.');
  }
  if (target.includes('#')) throw new RouteError('The path holds "#": write it as "%23".');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { route: Route.match(method, path), query: mark < 0 ? '' : target.slice(mark + 1) };
}
