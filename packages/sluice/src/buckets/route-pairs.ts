/** Adding and removing one thing: PUT and DELETE of one path. */
const PARTNERS: Readonly<Record<string, string>> = { PUT: 'DELETE', DELETE: 'PUT' };

/**
 * The identity of the route that undoes what this one does. Such pairs really share counters (facts part 2, #981), so
 * what an answer tells of the one is assumed of the other until an answer says otherwise.
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
