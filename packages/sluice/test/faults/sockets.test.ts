import type { FaultOccasion, FaultRule, Simulator } from '@sluice/simulator';
import { describe, expect, it } from 'vitest';
import { HTTPError } from '../../src/client/errors.js';
import { limitedFetch } from '../../src/client/limited-fetch.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { RateLimitTooLongError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { burst, expectAllSlotsBack, MESSAGES, type Outcome, sendsOf, startFaulty } from './faulty-server.js';

/** Longer than any answer takes that is not lost, even on a busy machine. */
const TIMEOUT = 400;

/** The first read and the first write, and later two of each in a row. */
const AT: FaultOccasion = { at: [1, 5, 6] };
const STRUCK_OF_EACH = 3;

type Case = [name: string, fault: FaultRule];

/** Faults after which no client can know whether the server carried out the request. */
const UNKNOWN_OUTCOMES: Case[] = [
  ['the answer is dropped', { kind: 'drop', ...AT }],
  ['the connection ends before the request arrives', { kind: 'refuse', ...AT }],
  ['the connection is reset during an answer', { kind: 'reset', ...AT }],
  ['no answer comes', { kind: 'stall', ...AT }],
];

const SERVER_ERRORS: Case[] = [
  ['status 500, counted', { kind: 'status', status: 500, ...AT }],
  ['status 502, not counted', { kind: 'status', status: 502, counted: false, ...AT }],
  ['status 503 without headers', { kind: 'status', status: 503, headers: 'none', ...AT }],
  ["a gateway's page, counted", { kind: 'gateway', ...AT }],
  ["a gateway's page, not counted", { kind: 'gateway', counted: false, ...AT }],
];

const SLOW: Case = ['an answer is slow', { kind: 'slow', delay: 150, ...AT }];

/** Starts a server on which the fault hits reads and writes alike. */
function startStruckBy(fault: FaultRule): Promise<Simulator> {
  return startFaulty(['POST', 'GET'].map((method) => ({ ...fault, methods: [method] })));
}

function clientOf({ url }: Simulator): RESTClient {
  // With this short back-off and five retries, no request fails because of repeated faults.
  return new RESTClient({
    token: 'secret',
    baseURL: `${url}/api/v10`,
    timeout: TIMEOUT,
    retries: 5,
    random: () => 0.05,
  });
}

function burstOf(client: RESTClient): Promise<Outcome[]> {
  return burst((method, mark) => client.fetch(MESSAGES, { method, headers: { 'x-simulator-mark': String(mark) } }));
}

function limitedBurst({ url }: Simulator, manager: RESTBucketManager): Promise<Outcome[]> {
  const impatient: typeof globalThis.fetch = (input, init) =>
    globalThis.fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT) });
  const fetch = limitedFetch({ manager, fetch: impatient });
  return burst((method, mark) => {
    const headers = { authorization: 'Bot secret', 'x-simulator-mark': String(mark) };
    return fetch(`${url}/api/v10${MESSAGES}`, { method, headers });
  });
}

/** Checks that no request was refused, no write overtook another, and none was sent twice. */
function expectInOrder(simulator: Simulator): void {
  const { refused, reordered } = simulator.statistics();
  expect({ refused, reordered }).toEqual({ refused: { user: 0, global: 0 }, reordered: 0 });
  for (const [mark, count] of sendsOf(simulator)) expect([mark, count]).toEqual([mark, 1]);
}

function expectStruck(simulator: Simulator, { kind }: FaultRule): void {
  expect(simulator.statistics().faults).toEqual({ [kind]: 2 * STRUCK_OF_EACH });
}

describe.concurrent('RESTClient, when', () => {
  it.each(UNKNOWN_OUTCOMES)('%s: reads are repeated, writes are not', async (_, fault) => {
    await using simulator = await startStruckBy(fault);
    using client = clientOf(simulator);
    const outcomes = await burstOf(client);
    expectStruck(simulator, fault);
    expectInOrder(simulator);
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed).toHaveLength(STRUCK_OF_EACH);
    for (const { method, error } of failed) {
      expect(method).toBe('POST');
      expect(error).toBeInstanceOf(HTTPError);
      expect(['LOST', 'TIMEOUT']).toContain((error as HTTPError).code);
    }
    await expectAllSlotsBack(client.buckets);
    expect((await burstOf(client)).map(({ status }) => status)).toEqual(new Array(24).fill(200));
    expect(simulator.statistics().refused).toEqual({ user: 0, global: 0 });
  });

  it.each(SERVER_ERRORS)('%s: reads are repeated, writes are not', async (_, fault) => {
    await using simulator = await startStruckBy(fault);
    using client = clientOf(simulator);
    const outcomes = await burstOf(client);
    expectStruck(simulator, fault);
    expectInOrder(simulator);
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed).toHaveLength(STRUCK_OF_EACH);
    for (const { method, status } of failed) expect([method, (status ?? 0) >= 500]).toEqual(['POST', true]);
    await expectAllSlotsBack(client.buckets);
  });
});

describe.concurrent('RESTClient', () => {
  it('is late, and nothing else, when answers are slow', async () => {
    const [, fault] = SLOW;
    await using simulator = await startStruckBy(fault);
    using client = clientOf(simulator);
    expect((await burstOf(client)).map(({ status }) => status)).toEqual(new Array(24).fill(200));
    expectStruck(simulator, fault);
    expectInOrder(simulator);
    await expectAllSlotsBack(client.buckets);
  });

  it.each(UNKNOWN_OUTCOMES)('repeats a send with an enforced nonce when %s', async (_, { kind }) => {
    const fault = { kind, at: [2] } as FaultRule;
    await using simulator = await startFaulty([fault]);
    using client = clientOf(simulator);
    for (let mark = 0; mark < 3; mark++) {
      const json = { content: 'hi', nonce: String(mark), enforce_nonce: true };
      await client.post(MESSAGES, { json, headers: { 'x-simulator-mark': String(mark) } });
    }
    const arrivals = kind === 'refuse' ? 1 : 2;
    expect([...sendsOf(simulator)]).toEqual([
      [0, 1],
      [1, arrivals],
      [2, 1],
    ]);
    expect(simulator.statistics()).toMatchObject({ faults: { [kind]: 1 }, refused: { user: 0 }, reordered: 0 });
    await expectAllSlotsBack(client.buckets);
  });

  it('with malformed headers, every request is answered, or rejected because its wait is too long', async () => {
    await using simulator = await startFaulty([{ kind: 'malformed', probability: 0.3 }]);
    const manager = new RESTBucketManager({ maxRateLimit: 1_000 });
    using client = new RESTClient({ token: 'secret', baseURL: `${simulator.url}/api/v10`, manager });
    const outcomes = await burstOf(client);
    const { faults, reordered } = simulator.statistics();
    expect(faults.malformed).toBeGreaterThan(3);
    expect(reordered).toBe(0);
    for (const { status, error } of outcomes) if (status !== 200) expect(error).toBeInstanceOf(RateLimitTooLongError);
    const buckets = [...manager.realHashesToBuckets.values()];
    expect(buckets.every(({ inFlight, queueSize }) => inFlight + queueSize === 0)).toBe(true);
    manager.close();
  });
});

describe.concurrent('limitedFetch, when', () => {
  it.each([...UNKNOWN_OUTCOMES, ...SERVER_ERRORS, SLOW])('%s: nothing is repeated', async (_, fault) => {
    await using simulator = await startStruckBy(fault);
    using manager = new RESTBucketManager();
    const outcomes = await limitedBurst(simulator, manager);
    expectStruck(simulator, fault);
    expectInOrder(simulator);
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed).toHaveLength(fault.kind === 'slow' ? 0 : 2 * STRUCK_OF_EACH);
    await expectAllSlotsBack(manager);
    expect((await limitedBurst(simulator, manager)).map(({ status }) => status)).toEqual(new Array(24).fill(200));
    expect(simulator.statistics().refused).toEqual({ user: 0, global: 0 });
  });
});
