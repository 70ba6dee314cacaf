import { totalOf } from './measurement.js';
import type { Report, Result } from './report.js';
import type { ArenaRequest, Scenario } from './scenario.js';

/** Quick to load, and enough to see that the arena works: Sluice twice, and a client that is refused. */
export const SMOKE_CLIENTS: readonly string[] = ['sluice', 'sluice-fetch', 'fetch'];

const CHANNELS = ['1000000000000000001', '1000000000000000002'];
const MESSAGES = 12;

/** Small enough to take about a second, and hard enough to refuse a client without a limiter. */
export const SMOKE_SCENARIO: Scenario = {
  name: 'smoke',
  title: 'Smoke',
  about: 'Two channels, twelve messages each, five at a time.',
  simulator: {
    rtt: 20,
    jitter: 10,
    routes: [
      {
        methods: ['POST'],
        path: '/channels/{channel}/messages',
        bucket: '26a3f7f021e87f3ba0089624e2714cd9',
        limit: 5,
        period: 400,
        window: 'fixed',
      },
    ],
  },
  requests: CHANNELS.flatMap(messagesTo),
  unavoidable: 0,
  deadline: 20_000,
};

function messagesTo(channel: string): ArenaRequest[] {
  const path = `/channels/${channel}/messages`;
  return Array.from({ length: MESSAGES }, (_, index) => ({ method: 'POST', path, json: { content: `No. ${index}` } }));
}

/** The problems in the results of a smoke run. Times do not count, because CI's machines are slow. */
export function smokeProblems({ results }: Report): string[] {
  return results.flatMap(problemsOf);
}

function problemsOf(result: Result): string[] {
  const { client, outcome, answered, refusals, reordered } = result;
  if (outcome !== 'complete') return [`${client}: ${outcome} with ${answered} requests answered`];
  const refused = totalOf(refusals);
  if (client === 'fetch') return refused > 0 ? [] : ['fetch: never refused, so the simulator has not limited'];
  if (!client.startsWith('sluice')) return [];
  if (refused > 0) return [`${client}: ${refused} × 429`];
  return reordered > 0 ? [`${client}: ${reordered} requests out of order`] : [];
}
