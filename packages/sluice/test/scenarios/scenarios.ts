import type { LimitedRule, ModelConfig, RouteRule } from '@sluice/simulator';
import type { PlannedRequest } from '../properties/history.js';

/** A server with a limit that no header shows, or with a fault. */
export interface Scenario {
  readonly name: string;
  readonly model: ModelConfig;
  readonly requests: readonly PlannedRequest[];
  /** Refusals that could not be foreseen. */
  readonly unavoidable: number;
  /** Whether each window may refuse once, however many windows the requests take. */
  readonly isOnePerWindow?: true;
  /** Requests that are never answered. Default 0. */
  readonly failures?: number;
  /** The shortest time in which an omniscient client could finish, in ms. */
  readonly optimum: number;
}

const CHANNEL = '100000000000000001';
const MESSAGES = `/channels/${CHANNEL}/messages`;
const MESSAGE = `${MESSAGES}/200000000000000001`;

/** One-way delay of the network, in ms. */
const DELAY = 30;
const ROUND_TRIP = 2 * DELAY;

const POST: LimitedRule = rule('POST', '/channels/{channel}/messages', 'shared', 5, 5_000);
const PATCH: LimitedRule = rule('PATCH', '/channels/{channel}/messages/{message}', 'shared', 5, 5_000);
const EDIT: LimitedRule = rule('PATCH', '/channels/{channel}', 'edit', 10, 15_000);

function rule(method: string, path: string, bucket: string, limit: number, period: number): LimitedRule {
  return { methods: [method], path, bucket, limit, period, window: 'fixed' };
}

function model(routes: readonly RouteRule[], more: Partial<ModelConfig> = {}): ModelConfig {
  return { routes, globalLimit: null, ...more };
}

function send(method: string, path: string, more: Partial<PlannedRequest> = {}): PlannedRequest {
  const network = { delayOut: DELAY, delayBack: DELAY, fate: 'answered', patience: 0 } as const;
  return { at: 0, method, path, authorization: 'Bot a', ...network, ...more };
}

function times(count: number, make: (index: number) => PlannedRequest): PlannedRequest[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The shortest time for `count` requests in a fixed window. */
function fixed(count: number, { limit, period }: Pick<LimitedRule, 'limit' | 'period'>): number {
  return (Math.ceil(count / limit) - 1) * period + ROUND_TRIP;
}

/** Requests to two routes, alternating. */
function inTurn(count: number): PlannedRequest[] {
  return times(count, (index) => (index % 2 ? send('PATCH', MESSAGE) : send('POST', MESSAGES)));
}

const rename = (at: number) => send('PATCH', `/channels/${CHANNEL}`, { at, body: { name: `n${at}` } });
const move = (at: number) => send('PATCH', `/channels/${CHANNEL}`, { at, body: { position: at } });
const SUB_LIMITED: LimitedRule = { ...EDIT, subLimits: [{ fields: ['name'], limit: 2, period: 60_000 }] };

/** The known hidden limits, one scenario each. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'same hash, really one counter',
    model: model([POST, PATCH]),
    requests: inTurn(20),
    unavoidable: 0,
    optimum: fixed(20, POST),
  },
  {
    name: 'same hash, separate counters',
    model: model([
      { ...POST, counter: 'post' },
      { ...PATCH, counter: 'patch' },
    ]),
    requests: inTurn(40),
    unavoidable: 0,
    optimum: fixed(20, POST),
  },
  {
    name: 'limit on a field, mixed with ordinary edits',
    model: model([SUB_LIMITED]),
    requests: [...times(6, () => rename(0)), ...times(12, (index) => move(index * 10_000))],
    unavoidable: 1,
    optimum: 2 * 60_000 + ROUND_TRIP,
  },
  {
    name: 'shared limit that others use, too',
    model: model([{ ...POST, limit: 50, shared: { limit: 5, period: 2_000, outside: [{ at: 0, count: 3 }] } }]),
    requests: times(6, () => send('POST', MESSAGES)),
    unavoidable: 1,
    optimum: 2_000 + ROUND_TRIP,
  },
  {
    name: 'hidden limit of webhooks',
    model: model([
      {
        ...rule('POST', '/webhooks/{webhook}/{token}', 'hook', 5, 500),
        hidden: { limit: 10, period: 10_000 },
      },
    ]),
    requests: times(30, () =>
      send('POST', `/webhooks/300000000000000001/${'w'.repeat(68)}`, { authorization: undefined }),
    ),
    unavoidable: 1,
    optimum: 2 * 10_000 + ROUND_TRIP,
  },
  {
    name: 'limit lowered',
    model: model([{ ...POST, changes: [{ at: 7_000, limit: 2 }] }]),
    requests: times(21, () => send('POST', MESSAGES)),
    unavoidable: 1,
    // Two windows of five, then six of two.
    optimum: 7 * 5_000 + ROUND_TRIP,
  },
  {
    name: 'limit raised',
    model: model([{ ...POST, limit: 2, changes: [{ at: 7_000, limit: 10 }] }]),
    requests: times(24, () => send('POST', MESSAGES)),
    unavoidable: 0,
    // Two windows of two, the second of which is raised before its end, then ten, then two.
    optimum: 3 * 5_000 + ROUND_TRIP,
  },
  {
    name: 'hash changed',
    model: model([{ ...POST, changes: [{ at: 6_000, bucket: 'other' }] }]),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 1,
    optimum: fixed(20, POST),
  },
  {
    name: 'kind changed, fixed to sliding',
    model: model([{ ...POST, changes: [{ at: 6_000, window: 'sliding' }] }]),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 1,
    optimum: fixed(20, POST),
  },
  {
    name: 'kind changed, sliding to fixed',
    model: model([{ ...POST, window: 'sliding', changes: [{ at: 6_000, window: 'fixed' }] }]),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 1,
    optimum: fixed(20, POST),
  },
  {
    name: 'headers vanish and return',
    model: model([
      {
        ...POST,
        changes: [
          { at: 6_000, headers: 'none' },
          { at: 16_000, headers: 'normal' },
        ],
      },
    ]),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 0,
    optimum: fixed(20, POST),
  },
  {
    name: 'another consumer of the token',
    model: model([{ ...POST, outside: [{ at: 0, every: 400 }] }]),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 5,
    isOnePerWindow: true,
    // The other consumer has the first request of each window.
    optimum: fixed(20, { limit: 4, period: 5_000 }),
  },
  {
    name: 'answers lost, connections reset and stalled',
    model: model([POST], {
      faults: [
        { kind: 'drop', at: [3, 9] },
        { kind: 'reset', at: [5] },
        { kind: 'stall', at: [7] },
      ],
    }),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 0,
    failures: 4,
    optimum: fixed(20, POST) + 15_000,
  },
  {
    name: 'headers malformed',
    model: model([POST], { faults: [{ kind: 'malformed', every: 4 }] }),
    requests: times(20, () => send('POST', MESSAGES)),
    unavoidable: 1,
    optimum: fixed(20, POST),
  },
];
