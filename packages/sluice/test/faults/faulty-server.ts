import { type FaultRule, type RouteRule, type Simulator, startSimulator } from '@sluice/simulator';
import { expect, vi } from 'vitest';
import type { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';

export const CHANNEL = '100000000000000001';
export const MESSAGES = `/channels/${CHANNEL}/messages`;

const POST: RouteRule = {
  methods: ['POST'],
  path: '/channels/{channel}/messages',
  bucket: 'post',
  limit: 5,
  period: 300,
  window: 'fixed',
};
const GET: RouteRule = {
  methods: ['GET'],
  path: '/channels/{channel}/messages',
  bucket: 'get',
  limit: 4,
  period: 240,
  window: 'sliding',
};

/** A server with these faults: writes count in a fixed window, reads in a sliding one. */
export function startFaulty(faults: FaultRule[]): Promise<Simulator> {
  return startSimulator({ routes: [POST, GET], globalLimit: 50, rtt: 10, jitter: 8, seed: 5, faults });
}

/** One request of a burst, and how it ended. */
export interface Outcome {
  readonly method: 'POST' | 'GET';
  readonly mark: number;
  readonly status: number | undefined;
  readonly error: unknown;
}

type Send = (method: Outcome['method'], mark: number) => Promise<Response>;

/** Reads and writes alternate; all start at once. */
export function burst(send: Send, count = 24): Promise<Outcome[]> {
  const run = async (mark: number): Promise<Outcome> => {
    const method = mark % 2 === 0 ? 'POST' : 'GET';
    try {
      const response = await send(method, mark);
      await response.arrayBuffer();
      return { method, mark, status: response.status, error: undefined };
    } catch (error) {
      return { method, mark, status: undefined, error };
    }
  };
  return Promise.all(Array.from({ length: count }, (_, mark) => run(mark)));
}

/** How often each write reached the server without being refused, by mark. */
export function sendsOf({ journal }: Simulator): Map<number, number> {
  const sends = new Map<number, number>();
  for (const { method, mark, verdict } of journal) {
    if (method !== 'POST' || mark === null || verdict === 'user' || verdict === 'global') continue;
    sends.set(mark, (sends.get(mark) ?? 0) + 1);
  }
  return sends;
}

/** Checks that every slot comes back: no request is in flight or waits, and each bucket has its whole limit. */
export async function expectAllSlotsBack(manager: RESTBucketManager): Promise<void> {
  const buckets = [...manager.realHashesToBuckets.values()];
  expect(buckets.length).toBeGreaterThan(0);
  const seen = () => buckets.map(({ inFlight, queueSize, remaining }) => ({ inFlight, queueSize, remaining }));
  const whole = buckets.map(({ limit }) => ({ inFlight: 0, queueSize: 0, remaining: limit }));
  await vi.waitFor(() => expect(seen()).toEqual(whole), { timeout: 8_000, interval: 20 });
}
