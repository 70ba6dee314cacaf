import { leastTime, type ModelRequest, parseModelConfig, reachableTime } from '@sluice/simulator';
import type { ArenaRequest, Scenario } from './scenario.js';

/** What a scenario takes at best, in ms. */
export interface Optima {
  /** A client that knows every limit and every delay. */
  readonly omniscient: number;
  /** The mean for one that knows every limit, but no delay, and keeps the order of writes. */
  readonly reachable: number;
}

/**
 * Both optima of a scenario. Its faults are left out, so what is lost and sent again comes on top.
 *
 * @param seed - starts the draws of the delays
 */
export function optimaOf({ simulator, requests }: Scenario, seed = 1): Optima {
  const { rtt = 0, jitter = 0, journalSize: _, ...limits } = simulator;
  const config = { ...parseModelConfig(limits), rtt, jitter };
  const asked = requests.map(modelRequest);
  return { omniscient: leastTime(config, asked), reachable: reachableTime(config, asked, { seed }) };
}

/** As a client sends it: interactions and webhooks go by their own tokens and without the bot's. */
function modelRequest({ method, path, json }: ArenaRequest): ModelRequest {
  const needsNoToken = path.startsWith('/interactions/') || /^\/webhooks\/\d+\/./.test(path);
  return { method, path, body: json, authorization: needsNoToken ? undefined : 'Bot' };
}
