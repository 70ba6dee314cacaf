import { type CompiledRoute, RESTClient, Route } from 'sluice';
import { BUCKET_HASH, CountingServer, LIMIT } from '../answers.js';
import { timeBatches } from '../batches.js';
import type { Effort, Group } from '../group.js';
import { snowflakes } from '../identifiers.js';
import { SLUICE } from '../peers/contenders.js';
import { AUTHORIZATION, messageRoutes, unlimitedManager } from '../peers/sluice.js';
import { TOKEN } from '../peers/token.js';
import { floors } from './floors.js';
import { atOnce, inSequence } from './limiter-cases.js';

/** Requests per batch. */
const BATCH = 1_000;

/** The number of channels in the cases of whole paths. */
const CHANNELS = 10_000;

/** A client's request, and the response to it. */
const SENT = { content: 'Hello' };
const BODY = JSON.stringify({ id: '1096859813123456789', content: 'Hello' });

const IN_SEQUENCE = 'one request after another, 1 bucket';

const reference = { who: SLUICE };

/**
 * The cost of a request that does not wait: acquire, and complete with a response that teaches the window. The
 * responses count down like those of a real server, from a limit that is never reached. The global limit is off.
 *
 * Queues that learn nothing are measured beside it by their own work: waiting for a turn and giving it back. The
 * limiter of `@discordjs/rest` cannot be used without its surroundings (route, URL, headers, AbortController, timer),
 * so compare it with the whole path.
 */
export const decisions: Group = {
  name: 'decisions',
  about:
    'acquire + complete of a request that does not wait (POST, so one at a time per bucket). Sluice learns the ' +
    'window from every response; the queues beside it learn nothing. @discordjs/rest includes its route, URL, ' +
    'headers, AbortController and timer. "At once": all requests are made before the first response; each ' +
    'response takes a microtask. Sluice allows at most 9,500 in flight, because each may count towards a ban, ' +
    'unless invalid requests are only counted. bottleneck sets a timer of 1 ms for every job, and is left out ' +
    'where that would take minutes.',
  tables: [
    { title: IN_SEQUENCE, unit: 'ns', reference, cases: inSequence(1) },
    { title: 'one request after another, 100,000 buckets', unit: 'ns', reference, cases: inSequence(100_000) },
    { title: '10,000 requests at once, 1 bucket', unit: 'ns', reference, cases: atOnce(10_000, 1) },
    { title: '10,000 requests at once, 10,000 buckets', unit: 'ns', reference, cases: atOnce(10_000, 10_000) },
    { title: '100,000 requests at once, 1 bucket', unit: 'ns', reference, cases: atOnce(100_000, 1) },
    { title: '100,000 requests at once, 100,000 buckets', unit: 'ns', reference, cases: atOnce(100_000, 100_000) },
    {
      title: 'how the answer is given, 1 bucket',
      unit: 'ns',
      reference: { table: IN_SEQUENCE, who: SLUICE },
      cases: [
        { who: 'headers parsed before', measure: timeParsed },
        { who: 'Fetch Headers', measure: timeFetchHeaders },
        { who: 'no rate-limit headers (a route without limits)', measure: timeUnlimited },
      ],
    },
    {
      title: 'the whole: from a path to what its answer teaches, 10,000 channels',
      unit: 'ns',
      reference,
      cases: [
        { who: SLUICE, measure: timeWhole },
        { who: '@discordjs/rest', measure: timeWholeDiscordJS },
      ],
    },
    {
      title: 'a client’s POST with a JSON body, 10,000 channels, fetch answering at once with one',
      unit: 'ns',
      reference: { who: `${SLUICE} RESTClient` },
      cases: [
        { who: `${SLUICE} RESTClient`, measure: timeClient },
        { who: '@discordjs/rest REST', measure: timeClientDiscordJS },
      ],
    },
    { title: 'floors', unit: 'ns', reference: { table: IN_SEQUENCE, who: SLUICE }, cases: floors },
  ],
};

function timeParsed(effort: Effort): Promise<number> {
  const server = new CountingServer();
  return timeAnswers(effort, () => server.answer());
}

function timeUnlimited(effort: Effort): Promise<number> {
  const empty = { status: 204, headers: { date: new Date().toUTCString() } };
  return timeAnswers(effort, () => empty);
}

/** The headers of a batch are made before it: making them is the work of `fetch`. */
function timeFetchHeaders(effort: Effort): Promise<number> {
  const server = new CountingServer();
  const operations = effort.size(BATCH);
  const headers = Array.from({ length: operations }, () => server.answerAsHeaders());
  const prepare = () => {
    for (const each of headers) each.set('x-ratelimit-remaining', String(server.answer().remaining));
  };
  return timeAnswers(effort, (index) => ({ status: 200, headers: headers[index] as Headers }), prepare);
}

type Answer = Parameters<Awaited<ReturnType<ReturnType<typeof unlimitedManager>['acquire']>>['complete']>[0];

async function timeAnswers(effort: Effort, answer: (index: number) => Answer, prepare?: () => void): Promise<number> {
  const operations = effort.size(BATCH);
  const manager = unlimitedManager();
  const [route] = messageRoutes(snowflakes(1)) as [CompiledRoute];
  const run = async () => {
    for (let index = 0; index < operations; index++) {
      const permit = await manager.acquire(route, AUTHORIZATION);
      permit.complete(answer(index));
    }
  };
  const time = await timeBatches(effort, prepare ? { operations, run, prepare } : { operations, run });
  const bucket = manager.getBucket(route, AUTHORIZATION);
  if (bucket.inFlight > 0 || (bucket.isUnknown && !bucket.isUnlimited)) throw new Error('Sluice has learned nothing');
  return time;
}

async function timeWhole(effort: Effort): Promise<number> {
  const manager = unlimitedManager();
  const response = { status: 200, headers: new CountingServer().answerAsHeaders() };
  return timePaths(effort, response.headers, async (channel) => {
    const route = Route.match('POST', `/channels/${channel}/messages`);
    const permit = await manager.acquire(route, AUTHORIZATION);
    permit.complete(response);
  });
}

async function timeWholeDiscordJS(effort: Effort): Promise<number> {
  const { makeREST, sendMessage } = await import('../peers/discordjs.js');
  const response = new Response(null, { status: 204, headers: new CountingServer().answerAsHeaders() });
  const rest = makeREST(async () => response);
  const time = await timePaths(effort, response.headers, (channel) => sendMessage(rest, channel));
  if (!rest.hashes.some(({ value }) => value === BUCKET_HASH)) throw new Error('@discordjs/rest has learned no hash');
  return time;
}

async function timeClient(effort: Effort): Promise<number> {
  const headers = new CountingServer().answerAsHeaders();
  const client = new RESTClient({
    token: TOKEN,
    globalLimit: Number.POSITIVE_INFINITY,
    fetch: async () => new Response(BODY, { status: 200, headers }),
  });
  const time = await timePaths(effort, headers, (channel) =>
    client.post(`/channels/${channel}/messages`, { json: SENT }),
  );
  client.close();
  return time;
}

async function timeClientDiscordJS(effort: Effort): Promise<number> {
  const { makeREST } = await import('../peers/discordjs.js');
  const headers = new CountingServer().answerAsHeaders();
  const rest = makeREST(async () => new Response(BODY, { status: 200, headers }));
  return timePaths(effort, headers, (channel) => rest.post(`/channels/${channel}/messages`, { body: SENT }));
}

/** Requests to many channels in turn; the headers of each channel count down from turn to turn. */
async function timePaths(
  effort: Effort,
  headers: Headers,
  send: (channel: string) => Promise<unknown>,
): Promise<number> {
  const channels = snowflakes(effort.size(CHANNELS));
  const operations = effort.size(BATCH);
  for (const channel of channels) await send(channel);
  let sent = channels.length;
  return timeBatches(effort, {
    operations,
    prepare: () => headers.set('x-ratelimit-remaining', String(LIMIT - 1 - Math.floor(sent / channels.length))),
    run: async () => {
      for (let index = 0; index < operations; index++) await send(channels[sent++ % channels.length] as string);
    },
  });
}
