import type { LimitedRule } from '@sluice/simulator';
import { posts, reads, roleChanges, times } from '../request-series.js';
import type { ArenaRequest } from '../scenario.js';
import { snowflake } from '../snowflakes.js';
import type { FleetScenario } from './fleet-scenario.js';

const PROCESSES = 8;
const DEADLINE = 90_000;
const NETWORK = { rtt: 80, jitter: 40 };

/** The requests of each process, by its number. */
function byProcess(requestsOf: (process: number) => readonly ArenaRequest[]): FleetScenario['requests'] {
  return Array.from({ length: PROCESSES }, (_, process) => requestsOf(process));
}

function messages(limit: number, period: number): LimitedRule {
  const path = '/channels/{channel}/messages';
  return { methods: ['POST'], path, bucket: '26a3f7f021e87f3ba0089624e2714cd9', limit, period, window: 'fixed' };
}

/** The number of channels that each process has to itself. */
const CHANNELS = 25;

const fanOut: FleetScenario = {
  name: 'fan-out',
  title: 'Fan-out',
  about:
    'Each process reads and writes once in each of its own 25 channels: they share only the global limit of 50 ' +
    'per second.',
  simulator: NETWORK,
  requests: byProcess((process) =>
    times(CHANNELS, (place) => {
      const channel = process * CHANNELS + place;
      return [...reads(channel, 1), ...posts(channel, 1)];
    }),
  ),
  unavoidable: 0,
  deadline: DEADLINE,
};

/** The number of guilds of each process. */
const GUILDS = 4;
/** The channels in which every process reports its start. */
const LOG_CHANNELS = [10_000, 10_001];

/** The requests of a process at its start: those for its own guilds, and those that all processes make. */
function startOf(process: number): ArenaRequest[] {
  return [
    { method: 'GET', path: '/users/@me' },
    { method: 'GET', path: '/applications/@me' },
    ...LOG_CHANNELS.flatMap((channel) => posts(channel, 1)),
    ...times(GUILDS, (place) => guildAtStart(process * GUILDS + place)),
    ...times(4, (): ArenaRequest[] => [{ method: 'GET', path: '/sticker-packs' }]),
  ];
}

function guildAtStart(guild: number): ArenaRequest[] {
  const path = `/guilds/${snowflake('guild', guild)}`;
  return [
    { method: 'GET', path: `${path}?with_counts=true` },
    { method: 'GET', path: `${path}/channels` },
    { method: 'GET', path: `${path}/roles` },
    { method: 'GET', path: `${path}/members/${snowflake('user', guild)}` },
    ...roleChanges(guild, 2),
    ...reads(guild, 1),
    ...posts(guild, 2),
  ];
}

const startUp: FleetScenario = {
  name: 'start-up',
  title: 'Start-up burst',
  about:
    'All processes start together: each has four guilds, and all write to two log channels and read from routes ' +
    'without limits.',
  simulator: NETWORK,
  requests: byProcess(startOf),
  unavoidable: 0,
  deadline: DEADLINE,
};

/** Twenty messages for each channel, which fill four windows completely. */
const sharedChannels: FleetScenario = {
  name: 'shared-channels',
  title: 'Shared channels',
  about:
    'All write to the same four channels, five messages per five seconds each: no place of a window should be ' +
    'lost.',
  simulator: { ...NETWORK, routes: [messages(5, 5_000)] },
  requests: byProcess((process) => times(4, (channel) => posts(channel, process < 4 ? 3 : 2))),
  unavoidable: 0,
  deadline: DEADLINE,
};

/** All scenarios of fleets, in the order of the tables. */
export const FLEET_SCENARIOS: readonly FleetScenario[] = [fanOut, startUp, sharedChannels];

/** Two processes, about two seconds: enough to see that the fleet works. */
export const FLEET_SMOKE: FleetScenario = {
  name: 'fleet-smoke',
  title: 'Smoke',
  about: 'Two processes write to the same two channels, five messages in 400 ms each.',
  simulator: { rtt: 20, jitter: 10, routes: [messages(5, 400)] },
  requests: [0, 1].map(() => times(2, (channel) => posts(channel, 10))),
  unavoidable: 0,
  deadline: 20_000,
};
