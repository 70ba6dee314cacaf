import type { CompiledRoute } from './route.js';

/** Whether a request is made with a webhook's own token, rather than with that of an interaction. */
export function isWebhook(route: CompiledRoute): boolean {
  return route.usesWebhookToken && !route.isInteraction;
}
