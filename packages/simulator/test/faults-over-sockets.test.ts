import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fault, FaultRule } from '../src/model/faults.js';
import { FaultPlan } from '../src/model/faults.js';
import { fuzzHeaders } from '../src/model/fuzz-headers.js';
import type { RouteRule } from '../src/model/routes.js';
import { type Simulator, startSimulator } from '../src/server.js';

const ROUTES: readonly RouteRule[] = [
  { methods: ['GET'], path: '/x', bucket: 'b', limit: 500, period: 60_000, window: 'fixed' },
  { methods: ['GET'], path: '/empty', bucket: null, status: 204 },
];

let simulator: Simulator | undefined;

afterEach(async () => {
  await simulator?.close();
});

async function start(faults: readonly FaultRule[]): Promise<Simulator> {
  simulator = await startSimulator({ routes: ROUTES, globalLimit: null, seed: 3, faults });
  return simulator;
}

/** Starts a simulator whose first response has the fault. */
function startWith(fault: Fault): Promise<Simulator> {
  return start([{ ...fault, at: [1] }]);
}

function request({ url }: Simulator, path = '/x'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url + path, resolve).on('error', reject);
  });
}

describe.each(['drop', 'refuse'] as const)('%s', (kind) => {
  test('ends the connection without a response, and the next request gets one', async () => {
    const subject = await startWith({ kind });
    await expect(request(subject)).rejects.toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' });
    expect((await request(subject)).headers['x-ratelimit-remaining']).toBe(kind === 'drop' ? '498' : '499');
    expect(subject.statistics()).toMatchObject({ arrivals: kind === 'drop' ? 2 : 1, faults: { [kind]: 1 } });
  });
});

describe('reset', () => {
  test('breaks off in the middle of the body', async () => {
    const response = await request(await startWith({ kind: 'reset' }));
    expect(response.statusCode).toBe(200);
    expect(response.headers['x-ratelimit-remaining']).toBe('499');
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('breaks off in the middle of the head where there is no body', async () => {
    const subject = await startWith({ kind: 'reset' });
    await expect(request(subject, '/empty')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(subject.statistics().admitted).toBe(1);
  });
});

describe('stall', () => {
  test('keeps the connection open, without a response, until the client gives up', async () => {
    const subject = await startWith({ kind: 'stall' });
    const abort = new AbortController();
    const pending = fetch(`${subject.url}/x`, { signal: abort.signal }).catch((error: Error) => error.name);
    while (subject.journal.length === 0) await request(subject, '/_simulator/statistics');
    expect(await Promise.race([pending, Promise.resolve('open')])).toBe('open');
    abort.abort();
    expect(await pending).toBe('AbortError');
  });

  test('ends when the simulator closes', async () => {
    const subject = await startWith({ kind: 'stall' });
    const pending = expect(request(subject)).rejects.toMatchObject({ code: 'ECONNRESET' });
    while (subject.journal.length === 0) await request(subject, '/_simulator/statistics');
    await subject.close();
    await pending;
  });
});

test('slow: the response leaves later, and does not delay others', async () => {
  const subject = await startWith({ kind: 'slow', delay: 150 });
  const sent = performance.now();
  const order: string[] = [];
  const slow = request(subject).then(() => order.push('slow'));
  while (subject.journal.length === 0) await request(subject, '/_simulator/statistics');
  await request(subject).then(() => order.push('other'));
  await slow;
  expect(order).toEqual(['other', 'slow']);
  expect(performance.now() - sent).toBeGreaterThanOrEqual(150);
});

test('malformed: the headers arrive as the seed makes them', async () => {
  const faults: FaultRule[] = [{ kind: 'malformed', every: 1 }];
  const subject = await start(faults);
  const { random } = new FaultPlan(faults, 3);
  for (let count = 0; count < 200; count += 1) {
    const response = await fetch(`${subject.url}/x`);
    const limits = [...response.headers].filter(([name]) => /^(?:x-ratelimit-|retry-after)/.test(name));
    expect(Object.fromEntries(limits)).toEqual(fuzzHeaders(random));
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  }
});

test('status: a JSON error', async () => {
  const response = await fetch(`${(await startWith({ kind: 'status', status: 503 })).url}/x`);
  expect(response.status).toBe(503);
  expect(response.headers.get('x-ratelimit-remaining')).toBe('499');
  expect(await response.json()).toEqual({ message: '503: Service Unavailable', code: 0 });
});

test('gateway: an HTML page as it is', async () => {
  const response = await fetch(`${(await startWith({ kind: 'gateway' })).url}/x`);
  expect(response.status).toBe(502);
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(await response.text()).toMatch(/^<!DOCTYPE html>\n<html>/);
});

test('none strikes the endpoints of the simulator itself', async () => {
  const subject = await start([{ kind: 'drop', every: 1 }]);
  expect((await request(subject, '/_simulator/statistics')).statusCode).toBe(200);
});
