import { type RouteRule, type Simulator, startSimulator } from '@sluice/simulator';
import { Routes } from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { limitedFetch } from '../../src/client/limited-fetch.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';

const CHANNELS = ['100000000000000001', '100000000000000002', '100000000000000003'];

const ROUTES: RouteRule[] = [
  { methods: ['POST'], path: '/channels/{channel}/messages', bucket: 'post', limit: 5, period: 400, window: 'fixed' },
  { methods: ['GET'], path: '/channels/{channel}/messages', bucket: 'get', limit: 4, period: 300, window: 'sliding' },
  {
    methods: ['PUT', 'DELETE'],
    path: '/channels/{channel}/pins/{message}',
    bucket: 'pin',
    limit: 1,
    period: 60,
    window: 'fixed',
  },
  { methods: ['GET'], path: '/gateway', bucket: null },
];

let simulator: Simulator;

async function start(globalLimit: number | null): Promise<void> {
  simulator = await startSimulator({ routes: ROUTES, globalLimit, rtt: 20, jitter: 15, seed: 7 });
}

afterEach(async () => {
  await simulator.close();
});

/** All kinds of windows at once, over real sockets, with answers out of order. */
function burst(send: (method: string, path: string, mark: number) => Promise<unknown>): Promise<unknown[]> {
  const requests = CHANNELS.flatMap((channel) => [
    ...Array.from({ length: 12 }, () => ['POST', Routes.channelMessages(channel)] as const),
    ...Array.from({ length: 12 }, () => ['GET', Routes.channelMessages(channel)] as const),
    ...Array.from(
      { length: 4 },
      (_, index) => [index % 2 ? 'DELETE' : 'PUT', Routes.channelPin(channel, '1')] as const,
    ),
    ['GET', Routes.gateway()] as const,
  ]);
  return Promise.all(requests.map(([method, path], mark) => send(method, path, mark)));
}

function expectFlawless(requests: number): void {
  const { arrivals, admitted, refused, reordered, invalidRequests } = simulator.statistics();
  expect({ arrivals, admitted, refused, reordered, invalidRequests }).toMatchObject({
    arrivals: requests,
    admitted: requests,
    refused: { user: 0, global: 0 },
    reordered: 0,
    invalidRequests: 0,
  });
}

describe('over loopback, against the simulator', () => {
  it('RESTClient is never refused, and keeps the order of writes', async () => {
    await start(50);
    using client = new RESTClient({ token: 'secret', baseURL: `${simulator.url}/api/v10` });
    const headers = (mark: number) => ({ 'x-simulator-mark': String(mark) });
    const answers = await burst(async (method, path, mark) => {
      const response = await client.fetch(path, { method, headers: headers(mark) });
      return response.status;
    });
    expect(answers.every((status) => Number(status) < 300)).toBe(true);
    expectFlawless(answers.length);
    expect(client.buckets.routesToHashes.get('POST /channels/{channel}/messages')).toBe('post');
  });

  it('limitedFetch is never refused either', async () => {
    await start(null);
    using manager = new RESTBucketManager({ globalLimit: Number.POSITIVE_INFINITY });
    const fetch = limitedFetch({ manager });
    const answers = await burst(async (method, path, mark) => {
      const headers = { authorization: 'Bot secret', 'x-simulator-mark': String(mark) };
      const response = await fetch(`${simulator.url}/api/v10${path}`, { method, headers });
      await response.arrayBuffer();
      return response.status;
    });
    expect(answers.every((status) => Number(status) < 300)).toBe(true);
    expectFlawless(answers.length);
  });

  it('two clients with one manager keep the limits of one', async () => {
    await start(20);
    using manager = new RESTBucketManager({ globalLimit: 20 });
    const baseURL = `${simulator.url}/api/v10`;
    using first = new RESTClient({ token: 'secret', baseURL, manager });
    using second = new RESTClient({ token: 'secret', baseURL, manager });
    const answers = await burst((method, path, mark) => (mark % 2 ? first : second).fetch(path, { method }));
    expect(simulator.statistics().refused).toMatchObject({ user: 0, global: 0 });
    expect(answers).toHaveLength(simulator.statistics().admitted);
  });

  it('a window partly used before the start costs one refusal, and no request is lost', async () => {
    await start(null);
    const path = Routes.channelMessages('100000000000000001');
    for (let used = 0; used < 5; used++) {
      await fetch(`${simulator.url}/api/v10${path}`, { method: 'POST', headers: { authorization: 'Bot secret' } });
    }
    using client = new RESTClient({ token: 'secret', baseURL: `${simulator.url}/api/v10` });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, mark) =>
        client.fetch(path, { method: 'POST', headers: { 'x-simulator-mark': String(mark) } }),
      ),
    );
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(simulator.statistics().refused.user).toBeLessThanOrEqual(1);
    expect(simulator.statistics().reordered).toBe(0);
  });
});
