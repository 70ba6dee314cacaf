/**
 * The route of responses to interactions in eris and oceanic.js. Their own methods name it to the request handler,
 * which would otherwise derive one route from each token's path.
 */
export function interactionRouteOf(path: string): string | undefined {
  return /^\/interactions\/[^/]+\/[^/]+\/callback$/.test(path) ? '/interactions/:id/:token/callback' : undefined;
}
