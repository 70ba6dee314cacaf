/**
 * What eris and oceanic.js count answers to interactions under: their methods for it name this route to the request
 * handler, which would make one of each token's path by itself.
 */
export function interactionRouteOf(path: string): string | undefined {
  return /^\/interactions\/[^/]+\/[^/]+\/callback$/.test(path) ? '/interactions/:id/:token/callback' : undefined;
}
