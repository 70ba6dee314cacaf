import { beforeEach, describe, expect, it } from 'vitest';
import { AbortScope } from '../../src/client/abort.js';
import { Attempt } from '../../src/client/attempt.js';
import { buildBody } from '../../src/client/request-body.js';
import type { Fetch } from '../../src/client/transport.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { Route } from '../../src/routes/route.js';
import { errorOf } from './scripted-fetch.js';

const TIMEOUT = 1_000;

let clock: VirtualClock;
let scope: AbortScope;
beforeEach(() => {
  clock = new VirtualClock();
  scope = new AbortScope();
});

function attempt(transport: Fetch, body?: Uint8Array): Attempt {
  const route = Route.match('POST', '/channels/1/messages');
  const request = { route, url: 'https://discord.com/api/v10/channels/1', headers: {}, body: buildBody({ body }) };
  return new Attempt(request, { transport, clock, timeout: TIMEOUT, scope });
}

function wait(duration: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(clock.now() + duration, resolve));
}

/** When a promise rejects for a timeout. */
async function timedOutAt(promise: Promise<unknown>): Promise<number> {
  const rejected = errorOf(promise).then((error) => [error, clock.now()] as const);
  await clock.runAll();
  const [error, at] = await rejected;
  expect(error).toMatchObject({ code: 'TIMEOUT' });
  return at;
}

describe('the timeout of an attempt', () => {
  it('starts again with the headers of the response, so that a slow body is not cut off', async () => {
    const slow: Fetch = async () => {
      await wait(900);
      return new Response(new ReadableStream());
    };
    const read = attempt(slow)
      .send()
      .then((response) => response.read());
    expect(await timedOutAt(read)).toBe(900 + TIMEOUT);
  });

  it('leaves no timer behind after a response without a body, or after one that was read', async () => {
    await attempt(async () => new Response(null, { status: 204 })).send();
    expect(clock.pendingTimers).toBe(0);
    await (await attempt(async () => new Response('text')).send()).read();
    expect(clock.pendingTimers).toBe(0);
  });

  it('starts again with each piece of an upload, and waits as long again after the last one', async () => {
    const uploading: Fetch = async (_, init = {}) => {
      const reader = (init.body as ReadableStream).getReader();
      while (!(await reader.read()).done) await wait(900);
      return new Promise(() => {});
    };
    expect(await timedOutAt(attempt(uploading, new Uint8Array(200_000)).send())).toBe(3_600 + TIMEOUT + 3_600);
  });

  it('interrupts the transport, and lets the request try again', async () => {
    let signal: AbortSignal | undefined | null;
    const silent: Fetch = (_, init) => {
      signal = init?.signal;
      return new Promise(() => {});
    };
    expect(await timedOutAt(attempt(silent).send())).toBe(TIMEOUT);
    expect([signal?.aborted, scope.signal.aborted]).toEqual([true, false]);
  });
});

describe('the body that is sent', () => {
  it('has a length if it is streamed from memory', async () => {
    let sent: RequestInit | undefined;
    const record: Fetch = async (_, init) => {
      sent = init;
      return new Response(null);
    };
    await attempt(record, new Uint8Array(200_000)).send();
    expect(sent).toMatchObject({ method: 'POST', duplex: 'half', headers: { 'content-length': '200000' } });
    await attempt(record, new Uint8Array(10)).send();
    expect([sent?.headers, sent?.duplex]).toEqual([{}, undefined]);
    await attempt(record).send();
    expect(sent).not.toHaveProperty('body');
  });
});

describe('the body that is received', () => {
  it.each([
    ['no chunks', []],
    ['one chunk', ['a']],
    ['several chunks', ['a', 'bc', 'd']],
  ])('is complete with %s', async (_, chunks) => {
    const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
    const response = await attempt(async () => new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>)).send();
    expect(await response.text()).toBe(chunks.join(''));
  });
});

describe('the error of an attempt', () => {
  const TOKEN = 'MTIzNDU2Nzg5.Gabcde';
  const WEBHOOK_TOKEN = 'w'.repeat(68);

  it.each([
    ['the token without its type', TOKEN],
    ['a path segment that the route masks', WEBHOOK_TOKEN],
  ])('does not contain %s, even if the transport quotes it', async (_, secret) => {
    const quoting: Fetch = () => Promise.reject(new Error(`cannot send ${secret}`));
    const route = Route.match('POST', `/webhooks/1/${WEBHOOK_TOKEN}`);
    const request = { route, url: 'https://discord.com', headers: { authorization: `Bot ${TOKEN}` }, body: undefined };
    const error = await errorOf(new Attempt(request, { transport: quoting, clock, timeout: TIMEOUT, scope }).send());
    expect(error).toMatchObject({ code: 'LOST' });
    expect(String((error as Error).cause)).not.toContain(secret);
  });

  it('keeps the cause if that contains no secret', async () => {
    const cause = new Error('reset');
    const error = await errorOf(attempt(() => Promise.reject(cause)).send());
    expect((error as Error).cause).toBe(cause);
  });
});
