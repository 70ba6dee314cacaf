import { Route } from 'sluice';
import { BUCKET_HASH, CountingServer, wireHeaders } from '../answers.js';
import type { Case, Effort, Group } from '../group.js';
import { bytesEach, type HeldObjects } from '../heap.js';
import { snowflake, snowflakes } from '../identifiers.js';
import { CONTENDERS, SLUICE } from '../peers/contenders.js';
import { AUTHORIZATION, unlimitedManager } from '../peers/sluice.js';

const reference = { who: SLUICE };

/** On the server's clock, in ms since the Unix epoch. */
const FIRST_RESET = 1_800_000_000_000;

/**
 * Live bytes on the heap after full collections, minus those before, per item. A bucket was used once, has its own
 * channel, and got a response that named its hash and told its window. Everything kept for it counts: its object, the
 * keys and entries of maps, the strings of its id.
 */
export const memory: Group = {
  name: 'memory',
  about:
    'Live heap after full collections, per item, with everything kept for it: objects, keys and entries of maps, ' +
    'strings of ids. An idle bucket was used once with its own channel and has learned its window. A waiting ' +
    'request is in one queue, with its promise and the async function that sent it.',
  tables: [
    { title: 'an idle bucket, of 100,000', unit: 'bytes', reference, cases: bucketCases(100_000) },
    { title: 'an idle bucket, of 1,000,000', unit: 'bytes', reference, cases: bucketCases(1_000_000) },
    { title: 'a waiting request, of 100,000 in one bucket', unit: 'bytes', reference, cases: waitingCases(100_000) },
  ],
};

function bucketCases(count: number): readonly Case[] {
  const measured = (make: (count: number) => Promise<HeldObjects>) => async (effort: Effort) => {
    // Objects that exist once for all buckets are made before.
    (await make(1)).verify();
    return bytesEach(effort.size(count), make);
  };
  return [
    { who: SLUICE, measure: measured(useSluice) },
    { who: '@discordjs/rest', measure: measured(useDiscordJS) },
    { who: 'floor: an object of 8 numbers in nested Maps', measure: measured(fillMaps) },
  ];
}

async function useSluice(count: number): Promise<HeldObjects> {
  const manager = unlimitedManager();
  for (let number = 0; number < count; number++) {
    const route = Route.match('POST', `/channels/${snowflake(number)}/messages`);
    const permit = await manager.acquire(route, AUTHORIZATION);
    permit.complete({ status: 200, headers: freshHeaders(number) });
  }
  return { verify: () => verifySize(SLUICE, manager.realHashesToBuckets.size, count) };
}

/**
 * The first response of a window of five requests in five seconds. None of its strings is shared with other responses,
 * as on a real connection: a bucket that keeps one pays for it.
 */
function freshHeaders(number: number): Readonly<Record<string, string>> {
  const bucket = Buffer.from(BUCKET_HASH).toString('latin1');
  return wireHeaders({ bucket, limit: 5, remaining: 4, resetAfter: 5_000, reset: FIRST_RESET + number });
}

async function useDiscordJS(count: number): Promise<HeldObjects> {
  const { makeREST, sendMessage } = await import('../peers/discordjs.js');
  const response = new Response(null, { status: 204, headers: new CountingServer().answerAsHeaders() });
  const rest = makeREST(async () => response);
  for (let number = 0; number < count; number++) await sendMessage(rest, snowflake(number));
  // The first request has a handler from before its hash was known.
  return { verify: () => verifySize('@discordjs/rest', rest.handlers.size, count) };
}

async function fillMaps(count: number): Promise<HeldObjects> {
  const buckets = new Map<string, object>();
  const routes = new Map([['POST /channels/{channel}/messages', buckets]]);
  for (let number = 0; number < count; number++) {
    const time = number + 0.5;
    buckets.set(snowflake(number), {
      limit: 5,
      remaining: 4,
      reset: time,
      resetAfter: time,
      heldUntil: time,
      heardAt: time,
      inFlight: 0,
      lost: 0,
    });
  }
  return { verify: () => verifySize('Map', routes.values().next().value?.size ?? 0, count) };
}

function verifySize(who: string, size: number, count: number): void {
  if (size < count) throw new Error(`${who} holds ${size} of ${count}`);
}

function waitingCases(count: number): readonly Case[] {
  return CONTENDERS.map(({ who, load }) => ({
    who,
    measure: async (effort) => {
      const limiter = await (await load())(snowflakes(1));
      const make = (requests: number): HeldObjects => {
        const waiting = Array.from({ length: requests }, () => limiter.send(0));
        return { verify: () => verifySize(who, waiting.length, requests) };
      };
      return bytesEach(effort.size(count), make);
    },
  }));
}
