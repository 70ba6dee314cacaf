import { type LimitedRule, type RouteRule, startSimulator } from '@sluice/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESTClient } from '../../src/client/rest-client.js';
import { systemClock } from '../../src/clock/system-clock.js';
import type { PlannedRequest } from '../properties/history.js';
import { countRunningTimeOnly } from './running-time.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

/** How much faster time passes here than in the scenarios. */
const SPEED = 20;

/** Malformed headers may give waits of any length, which need a virtual clock. */
const OVER_SOCKETS = SCENARIOS.filter(({ name }) => name !== 'headers malformed');

const fast = (duration: number) => duration / SPEED;

function fastRule(rule: RouteRule): RouteRule {
  if (rule.bucket === null) return rule;
  const { subLimits, hidden, shared, outside, changes } = rule;
  const uses = (given: LimitedRule['outside'] = []) =>
    given.map(({ at, every, ...rest }) => ({ ...rest, at: fast(at), ...(every && { every: fast(every) }) }));
  return {
    ...rule,
    period: fast(rule.period),
    ...(subLimits && { subLimits: subLimits.map((limit) => ({ ...limit, period: fast(limit.period) })) }),
    ...(hidden && { hidden: { ...hidden, period: fast(hidden.period) } }),
    ...(shared && { shared: { ...shared, period: fast(shared.period), outside: uses(shared.outside) } }),
    ...(outside && { outside: uses(outside) }),
    ...(changes && { changes: changes.map((change) => ({ ...change, at: fast(change.at) })) }),
  };
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => systemClock.setTimer(systemClock.now() + duration, resolve));
}

async function play({ model, requests }: Scenario) {
  const simulator = await startSimulator({
    globalLimit: model.globalLimit,
    routes: model.routes.map(fastRule),
    ...(model.faults && { faults: model.faults }),
    rtt: 4,
  });
  /** The reset of the window of each refusal. */
  const refusing: (string | null)[] = [];
  const client = new RESTClient({
    token: 'a',
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 429) refusing.push(response.headers.get('x-ratelimit-reset'));
      return response;
    },
    baseURL: `${simulator.url}/api/v10`,
    globalLimit: 10_000,
    timeout: fast(15_000),
    retries: 0,
  });
  const send = async ({ at, method, path, body }: PlannedRequest, mark: number) => {
    await pause(fast(at));
    return client.fetch(path, { method, json: body, headers: { 'x-simulator-mark': String(mark) } });
  };
  const outcomes = await Promise.allSettled(requests.map(send));
  const statistics = simulator.statistics();
  client.close();
  await simulator.close();
  return { outcomes, statistics, refusing };
}

// The scenarios' instants are a few ms apart here, and what they call unavoidable holds for answers that come evenly
// (docs/theory.md, 'Limits on fields of the body'): a process that is kept waiting for a processor has another scenario.
let setMachineTime: () => void;

beforeAll(() => {
  setMachineTime = countRunningTimeOnly();
});
afterAll(() => setMachineTime());

describe.concurrent('what no header shows, over real sockets', () => {
  it.each(OVER_SOCKETS)('$name', async (scenario) => {
    const { outcomes, statistics, refusing } = await play(scenario);
    const { refused, refusedUnseen } = statistics;
    const met = refused.user + refusedUnseen.subLimit + refusedUnseen.shared + refusedUnseen.hidden;
    // A busy machine takes more windows than the scenario has in virtual time.
    if (scenario.isOnePerWindow) expect(refusing).toEqual([...new Set(refusing)]);
    else expect(met).toBeLessThanOrEqual(scenario.unavoidable);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(scenario.failures ?? 0);
    const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.status] : []));
    expect(answers.every((status) => status < 300)).toBe(true);
    expect(refused.global).toBe(0);
  });
});
