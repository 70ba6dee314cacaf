/** PUT and DELETE of one path add and remove one thing. */
const PARTNERS: Readonly<Record<string, string>> = { PUT: 'DELETE', DELETE: 'PUT' };

/**
 * The identity of the route that undoes the effect of this one. Such pairs share counters (`discord-api-docs#981`), so
 * a response to one counts for the other, too, until a response to the other says otherwise.
 */
export function partnerOf(identity: string): string | undefined {
  const [method, path] = splitIdentity(identity);
  const partner = PARTNERS[method];
  return partner === undefined ? undefined : `${partner} ${path}`;
}

/** Names a pair of routes, or a route without a partner. */
export function pairOf(identity: string): string {
  const [method, path] = splitIdentity(identity);
  return PARTNERS[method] === undefined ? identity : `PUT|DELETE ${path}`;
}

function splitIdentity(identity: string): [method: string, path: string] {
  const space = identity.indexOf(' ');
  return [identity.slice(0, space), identity.slice(space + 1)];
}

/** The routes that a name of {@link pairOf} stands for. */
export function routesOf(pair: string): string[] {
  const [methods, path] = splitIdentity(pair);
  return methods.split('|').map((method) => `${method} ${path}`);
}
