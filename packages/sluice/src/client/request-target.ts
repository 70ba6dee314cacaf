import { type CompiledRoute, Route } from '../routes/route.js';
import { RouteError } from '../routes/route-error.js';

/** The target of a request. */
export interface RequestTarget {
  readonly route: CompiledRoute;
  /** The query of the path, without its `?`. */
  readonly query: string;
}

/**
 * Resolves a path such as `/channels/123/messages?limit=5`, or a compiled route. No target that it accepts can lead
 * outside of the base URL.
 *
 * @param method Default: the method of a compiled route, or GET.
 * @throws RouteError on a full URL, a path that does not start with exactly one slash, `.` and `..` segments, a
 * fragment, malformed percent-encoding, and a compiled route with another method.
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
    throw new RouteError('The path must start with exactly one slash. A full URL or another host is not allowed here.');
  }
  if (target.includes('#')) throw new RouteError('The path contains "#". Write it as "%23".');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { route: Route.match(method, path), query: mark < 0 ? '' : target.slice(mark + 1) };
}
