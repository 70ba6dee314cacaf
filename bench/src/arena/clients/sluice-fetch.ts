import { limitedFetch, RESTBucketManager } from 'sluice';
import type { ArenaRequest } from '../scenario.js';
import { AnswerError } from './answer-error.js';
import type { ArenaClient } from './client.js';
import { fetchArguments } from './fetch-request.js';
import './node-fetch.js';

/** The same limiter around plain `fetch`, whose URLs name the simulator. */
export function createClient(origin: string): ArenaClient {
  const manager = new RESTBucketManager();
  manager.start();
  const fetch = limitedFetch({ manager });
  return {
    async send(request: ArenaRequest, mark: number): Promise<void> {
      const response = await fetch(...fetchArguments(origin, request, mark));
      await response.arrayBuffer();
      if (!response.ok) throw new AnswerError(response.status);
    },
    close: () => manager.close(),
  };
}
