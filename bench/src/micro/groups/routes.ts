import { Route } from 'sluice';
import { timeBatches } from '../batches.js';
import type { Case, Effort, Group, Table } from '../group.js';
import { snowflakeAt, snowflakes } from '../identifiers.js';
import { SLUICE } from '../peers/contenders.js';
import { keep } from '../sink.js';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A kind of request, and a function that writes its path. */
interface Shape {
  readonly title: string;
  readonly method: Method;
  path(id: string, second: string): string;
}

/** From a path to the key of its limit. */
type Router = (method: Method, path: string) => unknown;

const BATCH = 1_000;

/** Enough ids to make a cache by path useless, as it would be to a bot. */
const IDS = 10_000;

const DAY = 86_400_000;

/** Webhook tokens have 68 characters; each webhook has its own. */
function webhookToken(id: string): string {
  return `aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5lM7oP9rS1uV3x${id}`;
}

/** Interaction tokens have a common start; each interaction has its own. */
function interactionToken(id: string): string {
  return `aW50ZXJhY3Rpb246${'MTA5Njg1OTgxMzEyMzQ1Njc4OTpRd0VyVHlVaU9w'.repeat(4)}${id}`;
}

/** A message of three days ago: neither young nor old. */
const RECENT = Date.now() - 3 * DAY;
/** A message of three weeks ago, whose deletion has a separate limit. */
const OLD = Date.now() - 21 * DAY;

const SHAPES: readonly Shape[] = [
  { title: 'POST /channels/{id}/messages', method: 'POST', path: (id) => `/channels/${id}/messages` },
  { title: 'GET /guilds/{id}/members/{id}', method: 'GET', path: (id, second) => `/guilds/${id}/members/${second}` },
  {
    title: 'PUT /channels/{id}/messages/{id}/reactions/{emoji}/@me',
    method: 'PUT',
    path: (id, second) => `/channels/${id}/messages/${second}/reactions/%F0%9F%91%8B/@me`,
  },
  { title: 'POST /webhooks/{id}/{token}', method: 'POST', path: (id) => `/webhooks/${id}/${webhookToken(id)}` },
  {
    title: 'POST /interactions/{id}/{token}/callback',
    method: 'POST',
    path: (id) => `/interactions/${id}/${interactionToken(id)}/callback`,
  },
  {
    title: 'DELETE /channels/{id}/messages/{id}, 3 days old',
    method: 'DELETE',
    path: (id) => `/channels/${id}/messages/${snowflakeOf(RECENT)}`,
  },
  {
    title: 'DELETE /channels/{id}/messages/{id}, 3 weeks old',
    method: 'DELETE',
    path: (id) => `/channels/${id}/messages/${snowflakeOf(OLD)}`,
  },
  { title: 'GET /users/@me', method: 'GET', path: () => '/users/@me' },
];

/**
 * From a method and a path to the identity of the limit. Every path is a new string with one of 10,000 ids, as in a
 * bot; the last line is the cost of writing the path alone. `Route.compile` takes ids, so it includes the writing of
 * the path.
 */
export const routes: Group = {
  name: 'routes',
  about:
    'From a method and a path to the identity of its limit. Each path is a new string with one of 10,000 ids; the' +
    ' last line is the cost of writing it alone. Sluice also extracts the major parameters, hides secrets and ' +
    'digests tokens.',
  tables: SHAPES.map(tableOf),
};

function tableOf(shape: Shape): Table {
  const sluice: Router = (method, path) => Route.match(method, path);
  return {
    title: shape.title,
    unit: 'ns',
    reference: { who: SLUICE },
    cases: [
      routerCase(SLUICE, shape, async () => sluice),
      ...compileCases(shape),
      routerCase('@discordjs/rest', shape, async () => (await import('../peers/discordjs.js')).makeRouter()),
      routerCase('eris', shape, async () => (await import('../peers/eris.js')).makeRouter()),
      routerCase('oceanic.js', shape, async () => (await import('../peers/oceanic.js')).makeRouter()),
      routerCase('the path alone', shape, async () => (_, path) => path.length),
    ],
  };
}

function routerCase(who: string, { method, path }: Shape, load: () => Promise<Router>): Case {
  return {
    who,
    measure: async (effort) => {
      const router = await load();
      return overIds(effort, (id, second) => router(method, path(id, second)));
    },
  };
}

/** The shapes whose templates have varying parameters. */
function compileCases({ title }: Shape): readonly Case[] {
  const who = `${SLUICE}, Route.compile`;
  if (title.startsWith('POST /channels')) {
    const route = new Route('POST', '/channels/{channel}/messages');
    return [{ who, measure: (effort) => overIds(effort, (channel) => route.compile({ channel })) }];
  }
  if (title.startsWith('GET /guilds')) {
    const route = new Route('GET', '/guilds/{guild}/members/{user}');
    return [{ who, measure: (effort) => overIds(effort, (guild, user) => route.compile({ guild, user })) }];
  }
  return [];
}

/** Nanoseconds of an action on two ids. */
function overIds(effort: Effort, use: (id: string, second: string) => unknown): Promise<number> {
  const ids = snowflakes(effort.size(IDS));
  const operations = effort.size(BATCH);
  let at = 0;
  return timeBatches(effort, {
    operations,
    run: () => {
      for (let index = 0; index < operations; index++, at++) {
        keep(use(ids[at % ids.length] as string, ids[(at + 1) % ids.length] as string));
      }
    },
  });
}

/** One of the messages of an instant. */
let written = 0;
function snowflakeOf(instant: number): string {
  return snowflakeAt(instant, written++ % 4_096);
}
