import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../src/config.js';
import { SimulatorConfigError, SimulatorListenError } from '../src/errors.js';
import type { RouteRule } from '../src/model/routes.js';
import { createJourneys } from '../src/network-delay.js';
import { LARGEST_BODY } from '../src/request-body.js';
import { type Simulator, startSimulator } from '../src/server.js';

const ROUTES: readonly RouteRule[] = [
  { methods: ['POST'], path: '/channels/{channel}/messages', bucket: 'b', limit: 2, period: 60_000, window: 'fixed' },
];
const POST_PATH = '/api/v10/channels/1/messages';

let simulator: Simulator | undefined;

afterEach(async () => {
  await simulator?.close();
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator({ routes: ROUTES, ...options });
  return simulator;
}

function post(to: Simulator, init: RequestInit = {}): Promise<Response> {
  return fetch(to.url + POST_PATH, { method: 'POST', ...init });
}

describe('over real sockets', () => {
  test('a request is answered as the model says', async () => {
    const subject = await start();
    const before = Date.now();
    const response = await post(subject, { headers: { authorization: 'Bot x', 'x-simulator-mark': '3' } });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('id');
    expect(response.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(response.headers.get('x-ratelimit-bucket')).toBe('b');
    const resetInMs = Number(response.headers.get('x-ratelimit-reset')) * 1000 - before;
    expect(resetInMs).toBeGreaterThan(59_000);
    expect(resetInMs).toBeLessThan(65_000);
    expect(subject.journal).toMatchObject([{ method: 'POST', verdict: 'admitted', mark: 3 }]);
  });

  test('a refusal carries its headers and body', async () => {
    const subject = await start();
    await post(subject);
    await post(subject);
    const response = await post(subject);
    expect(response.status).toBe(429);
    expect(response.headers.get('x-ratelimit-scope')).toBe('user');
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await response.json()).toMatchObject({ global: false, retry_after: expect.closeTo(60, 0) });
    expect(subject.statistics()).toMatchObject({ admitted: 2, refused: { user: 1 } });
  });

  test('bodies of any kind are read', async () => {
    const subject = await start({ globalLimit: null });
    const form = new FormData();
    form.set('payload_json', '{}');
    form.set('files[0]', new Blob([new Uint8Array(300_000)]), 'a.bin');
    const chunks = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 5; index += 1) controller.enqueue(new Uint8Array(20_000));
        controller.close();
      },
    });
    expect((await post(subject, { body: form })).status).toBe(200);
    const chunked: RequestInit = { body: chunks, duplex: 'half' };
    expect((await post(subject, chunked)).status).toBe(200);
  });

  test('a body that is too large gets 413 and does not reach the model', async () => {
    const subject = await start();
    const response = await post(subject, { body: new Uint8Array(LARGEST_BODY + 1) });
    expect(response.status).toBe(413);
    expect(subject.statistics().arrivals).toBe(0);
  });

  test.each(['-1', 'x', '1.5', ''])('the mark %j is ignored', async (mark) => {
    const subject = await start();
    await post(subject, { headers: { 'x-simulator-mark': mark } });
    expect(subject.journal).toMatchObject([{ mark: null }]);
  });
});

describe('simulated delays', () => {
  test('lie between a request and its arrival, and between its arrival and the response', async () => {
    const subject = await start({ rtt: 80, jitter: 20 });
    const sent = performance.now();
    await post(subject);
    const answered = performance.now();
    const arrived = subject.journal[0]?.time ?? Number.NaN;
    expect(arrived - sent).toBeGreaterThanOrEqual(30);
    expect(answered - arrived).toBeGreaterThanOrEqual(30);
    expect(answered - sent).toBeLessThan(1000);
  });

  test('depend on the seed alone', async () => {
    const options = { rtt: 60, jitter: 60, seed: 9 };
    const next = createJourneys(options);
    const subject = await start({ ...options, globalLimit: null });
    for (let count = 0; count < 4; count += 1) {
      const { there, back } = next();
      const sent = performance.now();
      await post(subject);
      const arrived = subject.journal.at(-1)?.time ?? Number.NaN;
      expect(arrived - sent).toBeGreaterThanOrEqual(there);
      expect(performance.now() - arrived).toBeGreaterThanOrEqual(back);
    }
  });

  test('can let one request overtake another, and the model still meets them in order', async () => {
    const subject = await start({ rtt: 40, jitter: 40, globalLimit: null });
    await Promise.all(
      Array.from({ length: 40 }, (_, mark) => post(subject, { headers: { 'x-simulator-mark': `${mark}` } })),
    );
    const times = subject.journal.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(subject.statistics().reordered).toBeGreaterThan(0);
  });
});

describe('control endpoints', () => {
  test('read and reset the state of the model, and are not counted', async () => {
    const subject = await start();
    await post(subject);
    const get = async (name: string) => (await fetch(`${subject.url}/_simulator/${name}`)).json();
    expect(await get('statistics')).toEqual(subject.statistics());
    expect(await get('statistics')).toMatchObject({ arrivals: 1 });
    expect(await get('journal')).toEqual(subject.journal);
    const reset = await fetch(`${subject.url}/_simulator/reset`, { method: 'POST' });
    expect(reset.status).toBe(204);
    expect(subject.statistics().arrivals).toBe(0);
  });

  test('are not delayed', async () => {
    const subject = await start({ rtt: 60_000 });
    expect((await fetch(`${subject.url}/_simulator/statistics`)).status).toBe(200);
  });

  test('refuse other names and methods', async () => {
    const subject = await start();
    expect((await fetch(`${subject.url}/_simulator/nothing`)).status).toBe(404);
    const wrong = await fetch(`${subject.url}/_simulator/reset`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
  });
});

describe('closing', () => {
  test('ends requests in flight', async () => {
    const subject = await start({ rtt: 60_000 });
    const pending = expect(post(subject)).rejects.toThrow();
    await fetch(`${subject.url}/_simulator/statistics`);
    await subject.close();
    await pending;
  });

  test('may be repeated, and also happens by disposal', async () => {
    const subject = await start();
    await subject.close();
    await subject.close();
    await subject[Symbol.asyncDispose]();
    await expect(fetch(subject.url)).rejects.toThrow();
  });

  test('lets the process exit by itself, in spite of kept connections and pending delays', () => {
    const index = new URL('../dist/index.js', import.meta.url).href;
    const program = `
      import { startSimulator } from ${JSON.stringify(index)};
      const simulator = await startSimulator({ rtt: 60_000 });
      const pending = fetch(simulator.url + '/gateway').catch(() => 'ended');
      await fetch(simulator.url + '/_simulator/statistics');
      await simulator.close();
      process.stdout.write(await pending);
    `;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect({ stdout, status }).toEqual({ stdout: 'ended', status: 0 });
  });
});

describe('starting', () => {
  test('refuses bad options', async () => {
    await expect(startSimulator({ rtt: -1 })).rejects.toThrow(SimulatorConfigError);
  });

  test('names the port that is in use', async () => {
    const { port } = await start();
    const failure = startSimulator({ port });
    await expect(failure).rejects.toThrow(SimulatorListenError);
    await expect(failure).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `Cannot listen on 127.0.0.1, port ${port}: the port is in use`,
    });
  });
});
