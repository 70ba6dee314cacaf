import { type LimitsSource, parseLimits } from 'sluice';
import { BUCKET_HASH, CountingServer, wireHeaders } from '../answers.js';
import { timeBatches } from '../batches.js';
import type { Case, Effort, Group } from '../group.js';
import { SLUICE } from '../peers/contenders.js';
import { keep } from '../sink.js';

/** Responses per batch, all different. */
const BATCH = 1_000;

const FETCH_HEADERS = `${SLUICE}, Fetch Headers`;

/**
 * Reading what a response says about limits: `parseLimits`, beside bare look-ups in the same Fetch Headers. Other
 * clients do only these look-ups, and accept any result of `Number`.
 */
export const headers: Group = {
  name: 'headers',
  about:
    'parseLimits: reading and checking what a response says about limits. All of 1,000 responses are different; ' +
    'making them is not measured. The look-ups are those of @discordjs/rest: six headers read, four converted to ' +
    'numbers, nothing checked.',
  tables: [
    {
      title: 'an answer with limits',
      unit: 'ns',
      reference: { who: FETCH_HEADERS },
      cases: [
        readCase(FETCH_HEADERS, (server) => ({ status: 200, headers: server.answerAsHeaders() })),
        readCase(`${SLUICE}, plain object`, (server) => ({ status: 200, headers: wireHeaders(server.answer()) })),
        readCase(`${SLUICE}, parsed before`, (server) => server.answer()),
        { who: 'look-ups in Fetch Headers alone', measure: timeLookups },
        { who: 'look-ups in a plain object alone', measure: timePlainLookups },
      ],
    },
    {
      title: 'an answer without limits, and a refusal',
      unit: 'ns',
      reference: { table: 'an answer with limits', who: FETCH_HEADERS },
      cases: [
        readCase(`${SLUICE}, no limits, Fetch Headers`, () => ({
          status: 204,
          headers: new Headers({ via: '1.1 google' }),
        })),
        readCase(`${SLUICE}, 429 with a parsed body`, (server) => refusal(server, false)),
        readCase(`${SLUICE}, 429 with the body as text`, (server) => refusal(server, true)),
      ],
    },
  ],
};

function refusal(server: CountingServer, isText: boolean): LimitsSource {
  const body = { message: 'You are being rate limited.', retry_after: 0.529, global: false };
  const headers = server.answerAsHeaders();
  headers.set('retry-after', '1');
  headers.set('x-ratelimit-scope', 'user');
  return { status: 429, headers, body: isText ? JSON.stringify(body) : body };
}

function readCase(who: string, answer: (server: CountingServer) => LimitsSource): Case {
  return {
    who,
    measure: (effort) => {
      const server = new CountingServer();
      return timeReading(
        effort,
        Array.from({ length: effort.size(BATCH) }, () => answer(server)),
        parseLimits,
      );
    },
  };
}

function timeLookups(effort: Effort): Promise<number> {
  const server = new CountingServer();
  const answers = Array.from({ length: effort.size(BATCH) }, () => server.answerAsHeaders());
  return timeReading(effort, answers, (answer) => lookUp((name) => answer.get(name)));
}

function timePlainLookups(effort: Effort): Promise<number> {
  const server = new CountingServer();
  const answers = Array.from({ length: effort.size(BATCH) }, () => wireHeaders(server.answer()));
  return timeReading(effort, answers, (answer: Readonly<Record<string, string>>) => lookUp((name) => answer[name]));
}

function lookUp(get: (name: string) => string | null | undefined) {
  const hash = get('x-ratelimit-bucket');
  if (hash !== BUCKET_HASH) throw new Error('The headers are not those of the answer');
  return {
    hash,
    limit: Number(get('x-ratelimit-limit')),
    remaining: Number(get('x-ratelimit-remaining')),
    resetAfter: Number(get('x-ratelimit-reset-after')) * 1_000,
    retryAfter: Number(get('retry-after')),
    scope: get('x-ratelimit-scope') ?? 'user',
  };
}

function timeReading<A>(effort: Effort, answers: readonly A[], read: (answer: A) => unknown): Promise<number> {
  return timeBatches(effort, {
    operations: answers.length,
    run: () => {
      for (const answer of answers) keep(read(answer));
    },
  });
}
