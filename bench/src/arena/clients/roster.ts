import type { CreateClient } from './client.js';

/** A client of the arena, loaded only in the process that runs it. */
interface Entry {
  /** The package whose version is shown, if the client comes from one. */
  readonly packageName?: string;
  readonly load: () => Promise<{ readonly createClient: CreateClient }>;
}

/** Clients by their names on the command line, in tables and charts; in their order. */
const ROSTER: Readonly<Record<string, Entry>> = {
  sluice: { packageName: 'sluice', load: () => import('./sluice.js') },
  'sluice-fetch': { packageName: 'sluice', load: () => import('./sluice-fetch.js') },
  '@discordjs/rest': { packageName: '@discordjs/rest', load: () => import('./discordjs.js') },
  '@discordeno/rest': { packageName: '@discordeno/rest', load: () => import('./discordeno.js') },
  eris: { packageName: 'eris', load: () => import('./eris.js') },
  'oceanic.js': { packageName: 'oceanic.js', load: () => import('./oceanic.js') },
  fetch: { load: () => import('./plain-fetch.js') },
  'sluice-redis': { packageName: '@sluice/redis', load: () => import('./sluice-redis.js') },
};

/** A client that shares its limits only makes sense in a fleet. */
export const FLEET_CLIENT_NAMES: readonly string[] = ['sluice-redis', 'sluice', '@discordjs/rest', 'fetch'];

/** Clients that run alone. */
export const CLIENT_NAMES: readonly string[] = Object.keys(ROSTER).filter((name) => name !== 'sluice-redis');

/** The package that a client comes from, or `undefined` when it comes with Node.js. */
export function packageOf(name: string): string | undefined {
  return entryOf(name).packageName;
}

export async function loadClient(name: string): Promise<CreateClient> {
  return (await entryOf(name).load()).createClient;
}

function entryOf(name: string): Entry {
  const entry = ROSTER[name];
  if (entry === undefined) throw new Error(`There is no client ${name}`);
  return entry;
}
