import { setTimeout as wait } from 'node:timers/promises';
import type { ArenaRequest } from '../scenario.js';
import { AnswerError } from './answer-error.js';
import type { ArenaClient } from './client.js';
import { fetchArguments } from './fetch-request.js';
import './node-fetch.js';

/** No limiter: a refused request is sent again after `Retry-After`, and that is all. */
export function createClient(origin: string): ArenaClient {
  return {
    async send(request: ArenaRequest, mark: number): Promise<void> {
      for (;;) {
        const response = await fetch(...fetchArguments(origin, request, mark));
        await response.arrayBuffer();
        if (response.ok) return;
        if (response.status !== 429) throw new AnswerError(response.status);
        await wait(Number(response.headers.get('retry-after')) * 1_000);
      }
    },
    close: () => {},
  };
}
