import type { LimitedRule, RouteRule } from '@sluice/simulator';
import { edits, interleaved, posts, reactionChanges, reads, roleChanges, times } from './request-series.js';
import type { ArenaRequest, Scenario } from './scenario.js';
import { snowflake } from './snowflakes.js';
import { startUpBurst } from './start-up-burst.js';

const MESSAGES = '/channels/{channel}/messages';
const MESSAGE = `${MESSAGES}/{message}`;

/** Enough for clients that send one request at a time. */
const DEADLINE = 60_000;

type Limits = Pick<LimitedRule, 'limit' | 'period' | 'window'>;
type Particulars = Pick<LimitedRule, 'counter' | 'subLimits' | 'outside' | 'changes' | 'status'>;

function fixed(limit: number, period: number): Limits {
  return { limit, period, window: 'fixed' };
}

function sliding(limit: number, period: number): Limits {
  return { limit, period, window: 'sliding' };
}

/** @param methods - separated by spaces */
function limited(
  methods: string,
  path: string,
  bucket: string,
  limits: Limits,
  particulars: Particulars = {},
): RouteRule {
  return { methods: methods.split(' '), path, bucket, ...limits, ...particulars };
}

const oneChannelFixed: Scenario = {
  name: 'one-channel-fixed',
  title: 'One channel, fixed window',
  about:
    'Messages in one channel, five per two seconds: a client should use up each window and start the next in ' +
    'time.',
  simulator: {
    routes: [limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', fixed(5, 2000))],
    rtt: 60,
    jitter: 20,
  },
  requests: posts(0, 20),
  unavoidable: 0,
  deadline: DEADLINE,
};

const oneChannelSliding: Scenario = {
  name: 'one-channel-sliding',
  title: 'One channel, sliding window',
  about: 'The same with a leaky bucket, which has room for one more message every 400 ms instead of five at once.',
  simulator: {
    routes: [limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', sliding(5, 2000))],
    rtt: 60,
    jitter: 20,
  },
  requests: posts(0, 21),
  unavoidable: 0,
  deadline: DEADLINE,
};

const shortWindowsLongRtt: Scenario = {
  name: 'short-windows-long-rtt',
  title: 'Short windows, long round trips',
  about:
    'Five per second, with a round trip of a quarter of a second: reads must run together, and each write costs a' +
    ' round trip.',
  simulator: {
    routes: [
      limited('GET', MESSAGES, '5e4ee0278f1b18e5e5f772128506ef70', fixed(5, 1000)),
      limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', fixed(5, 1000)),
    ],
    rtt: 250,
    jitter: 40,
  },
  requests: interleaved(...[0, 1, 2, 3].map((channel) => reads(channel, 30)), posts(4, 24), posts(5, 24)),
  unavoidable: 0,
  deadline: DEADLINE,
};

const fanOutGlobal: Scenario = {
  name: 'fan-out-global',
  title: 'Fan-out under the global limit',
  about:
    'Seventy channels with few requests each, which together reach the limit of 50 per second, under strong ' +
    'jitter.',
  simulator: {
    routes: [
      limited('GET', MESSAGES, '5e4ee0278f1b18e5e5f772128506ef70', sliding(5, 1000)),
      limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', sliding(5, 5000)),
    ],
    rtt: 80,
    jitter: 60,
  },
  requests: times(70, (channel) => [...reads(channel, 2), ...posts(channel, 3)]),
  unavoidable: 0,
  deadline: DEADLINE,
};

const sameHashSeparateCounters: Scenario = {
  name: 'same-hash-separate-counters',
  title: 'One hash, two counters',
  about:
    'Sending and editing have one hash and separate counters (#1442): a client that counts them together takes ' +
    'twice as long.',
  simulator: {
    routes: [
      limited('POST', MESSAGES, '80c17d2f203122d936070c88c8d10f33', fixed(5, 2000), { counter: 'send' }),
      limited('PATCH', MESSAGE, '80c17d2f203122d936070c88c8d10f33', fixed(5, 2000), { counter: 'edit' }),
    ],
    rtt: 60,
    jitter: 20,
  },
  requests: interleaved(posts(0, 20), edits(0, 20)),
  unavoidable: 0,
  deadline: DEADLINE,
};

const sharedCounter: Scenario = {
  name: 'shared-counter',
  title: 'Two methods, one counter',
  about:
    'PUT and DELETE of reactions share one counter, and those of roles another (#981): a client that separates ' +
    'them is refused.',
  simulator: {
    routes: [
      limited('PUT DELETE', `${MESSAGE}/reactions/{rest*}`, 'e952c80897e7494f02105f06edad4f90', sliding(1, 250), {
        status: 204,
      }),
      limited(
        'PUT DELETE',
        '/guilds/{guild}/members/{user}/roles/{role}',
        '93a5129db04ea98c33832475a6c5317f',
        fixed(5, 2000),
        { status: 204 },
      ),
    ],
    rtt: 60,
    jitter: 20,
  },
  requests: interleaved(reactionChanges(0, 20), roleChanges(0, 20)),
  unavoidable: 0,
  deadline: DEADLINE,
};

/** Edits of one channel: its name, its topic, and two ordinary ones, again and again. */
function channelEdits(count: number): ArenaRequest[] {
  const path = `/channels/${snowflake('channel')}`;
  const bodies = [{ name: 'general' }, { topic: 'Anything' }, { nsfw: false }, { rate_limit_per_user: 5 }];
  return times(count, () => bodies.map((json): ArenaRequest => ({ method: 'PATCH', path, json })));
}

const subLimits: Scenario = {
  name: 'sub-limits',
  title: 'Limits on fields of the body',
  about: 'Two changes of name and two of topic per four seconds, which no header shows (#2190); other edits may leave.',
  simulator: {
    routes: [
      limited('PATCH', '/channels/{channel}', 'cae649eb4118d24638ec5f9afb508af9', fixed(10, 2000), {
        subLimits: [
          { fields: ['name'], limit: 2, period: 4000 },
          { fields: ['topic'], limit: 2, period: 4000 },
        ],
      }),
    ],
    rtt: 60,
    jitter: 20,
  },
  requests: channelEdits(5),
  // One first meeting for each field.
  unavoidable: 2,
  deadline: DEADLINE,
};

const unlimitedRoutes: Scenario = {
  name: 'unlimited-routes',
  title: 'Routes without limits',
  about:
    'Responses without rate-limit headers: only the global limit applies, and one request at a time is far below ' +
    'it.',
  simulator: {
    routes: ['/sticker-packs', '/voice/regions'].map((path): RouteRule => ({ methods: ['GET'], path, bucket: null })),
    rtt: 100,
    jitter: 20,
  },
  requests: times(225, () => [
    { method: 'GET', path: '/sticker-packs' },
    { method: 'GET', path: '/voice/regions' },
  ]),
  unavoidable: 0,
  deadline: DEADLINE,
};

const limitLowered: Scenario = {
  name: 'limit-lowered',
  title: 'A limit that is lowered',
  about: 'Five per second become two while the leaky bucket is full: the next request cannot know.',
  simulator: {
    routes: [
      limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', sliding(5, 1000), {
        changes: [{ at: 3000, limit: 2 }],
      }),
    ],
    rtt: 60,
    jitter: 20,
  },
  requests: posts(0, 26),
  unavoidable: 1,
  deadline: DEADLINE,
};

const partUsedWindow: Scenario = {
  name: 'part-used-window',
  title: 'A window others have begun',
  about:
    'Three of the first five places are taken when the client starts: a client that only counts its own requests ' +
    'is refused.',
  simulator: {
    routes: [
      limited('POST', MESSAGES, '26a3f7f021e87f3ba0089624e2714cd9', fixed(5, 2000), { outside: [{ at: 0, count: 3 }] }),
    ],
    rtt: 60,
    jitter: 20,
  },
  requests: posts(0, 17),
  // The first response tells how many places are left.
  unavoidable: 0,
  deadline: DEADLINE,
};

const lostAndReset: Scenario = {
  name: 'lost-and-reset',
  title: 'Lost answers and resets',
  about:
    'One response in thirty is lost or cut: a client should repeat reads and other idempotent requests, and lose ' +
    'no slot.',
  simulator: {
    routes: [
      limited('GET', MESSAGES, '5e4ee0278f1b18e5e5f772128506ef70', fixed(5, 1000)),
      limited(
        'PUT DELETE',
        '/guilds/{guild}/members/{user}/roles/{role}',
        '93a5129db04ea98c33832475a6c5317f',
        fixed(5, 1000),
        { status: 204 },
      ),
    ],
    rtt: 60,
    jitter: 20,
    faults: [
      { kind: 'drop', probability: 0.02 },
      { kind: 'reset', probability: 0.013 },
    ],
  },
  // Four places of the last window are spare, so a lost request rarely costs another window.
  requests: interleaved(
    ...[0, 1, 2, 3].map((channel) => reads(channel, 31)),
    ...[0, 1].map((guild) => roleChanges(guild, 31)),
  ),
  unavoidable: 0,
  deadline: DEADLINE,
};

const START_UP_GUILDS = 24;

const startUp: Scenario = {
  name: 'start-up-burst',
  title: 'Start-up burst',
  about: 'All requests of a starting bot at once: guilds, channels, webhooks and interactions.',
  simulator: { rtt: 60, jitter: 20 },
  requests: startUpBurst(START_UP_GUILDS),
  unavoidable: 0,
  deadline: DEADLINE,
};

/** All scenarios of the arena, in the order of its tables. */
export const SCENARIOS: readonly Scenario[] = [
  oneChannelFixed,
  oneChannelSliding,
  shortWindowsLongRtt,
  fanOutGlobal,
  sameHashSeparateCounters,
  sharedCounter,
  subLimits,
  unlimitedRoutes,
  limitLowered,
  partUsedWindow,
  lostAndReset,
  startUp,
];
