import { inspect } from 'node:util';
import { type APIMessage, Routes } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RESTClientOptions } from '../../src/client/client-options.js';
import { DiscordAPIError, HTTPError } from '../../src/client/errors.js';
import type { RequestOptions } from '../../src/client/request-options.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { LimiterClosedError, QueueFullError, RateLimitTooLongError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import { RouteError } from '../../src/routes/route-error.js';
import {
  brokenBody,
  connectionError,
  errorOf,
  json,
  refusal,
  ScriptedFetch,
  type Step,
  silence,
  stalledBody,
  unresponsive,
} from './scripted-fetch.js';

const TOKEN = 'MTIzNDU2Nzg5.Gabcde.0123456789-_abcdefghijklmnopq';
const WEBHOOK_TOKEN = 'w'.repeat(68);
const MESSAGES = '/channels/1/messages';

let clock: VirtualClock;
let transport: ScriptedFetch;
let client: RESTClient;

beforeEach(() => {
  clock = new VirtualClock();
});

afterEach(async () => {
  client.close();
  await clock.advance(0);
  expect(clock.pendingTimers).toBe(0);
});

function make(steps: Step[] = [], options: RESTClientOptions = {}): RESTClient {
  transport = new ScriptedFetch(...steps);
  client = new RESTClient({
    token: TOKEN,
    fetch: transport.fetch,
    random: () => 0.5,
    ...(options.manager ? {} : { clock }),
    ...options,
  });
  return client;
}

/** Lets time pass until the request has ended, and settles as it does. */
async function ended<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await clock.advance(3_600_000);
  return promise;
}

function sentHeaders(): Headers {
  return transport.sent.at(-1)?.headers ?? new Headers();
}

describe('a request', () => {
  it('is sent to the base URL with method, query, headers and JSON, and resolves with the JSON of the response', async () => {
    make([json({ id: '9', content: 'hi' })], { headers: { 'x-client': '1', 'x-both': 'client' } });
    const message = await client.post<APIMessage>(`${Routes.channelMessages('1')}?a=b`, {
      json: { content: 'hi' },
      query: { c: ['d', 'e'] },
      headers: { 'x-both': 'request' },
      reason: 'because ü',
    });
    expect(message.id).toBe('9');
    const [sent] = transport.sent;
    expect([sent?.method, sent?.url]).toEqual(['POST', 'https://discord.com/api/v10/channels/1/messages?a=b&c=d&c=e']);
    expect(await sent?.text).toBe('{"content":"hi"}');
    expect(Object.fromEntries(sentHeaders())).toMatchObject({
      authorization: `Bot ${TOKEN}`,
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^DiscordBot \(/),
      'x-audit-log-reason': 'because%20%C3%BC',
      'x-client': '1',
      'x-both': 'request',
    });
  });

  it.each(['get', 'post', 'put', 'patch', 'delete'] as const)('has the method of %s', async (name) => {
    make();
    expect(await client[name]('/channels/1')).toBeUndefined();
    expect(transport.sent[0]?.method).toBe(name.toUpperCase());
  });

  it('takes a compiled route and any base URL', async () => {
    make([], { baseURL: 'http://localhost:8080/discord/' });
    const route = new Route('PATCH', '/channels/{channel}').compile({ channel: '5' });
    await client.fetch(route, { json: {} });
    expect([transport.sent[0]?.method, transport.sent[0]?.url]).toEqual([
      'PATCH',
      'http://localhost:8080/discord/channels/5',
    ]);
    expect(await errorOf(client.get(route))).toBeInstanceOf(RouteError);
  });

  it('keeps the content type that the caller gives', async () => {
    make();
    await client.post('/a', { body: '<a/>', headers: { 'content-type': 'text/xml' } });
    expect(sentHeaders().get('content-type')).toBe('text/xml');
  });

  it.each<[string, string, RequestOptions['auth'], string | null]>([
    ['the token', '/users/@me', undefined, `Bot ${TOKEN}`],
    ['none to a webhook', `/webhooks/1/${WEBHOOK_TOKEN}`, undefined, null],
    ['none to an interaction', '/interactions/1/aW50ZXJhY3Rpb246abc/callback', undefined, null],
    ['the token to a webhook if told', `/webhooks/1/${WEBHOOK_TOKEN}`, true, `Bot ${TOKEN}`],
    ['none if told', '/users/@me', false, null],
    ['another if told', '/users/@me', 'Bearer abc', 'Bearer abc'],
  ])('sends %s', async (_, path, auth, expected) => {
    make();
    const acquire = vi.spyOn(client.buckets, 'acquire');
    await client.post(path, { auth });
    expect(sentHeaders().get('authorization')).toBe(expected);
    expect(acquire.mock.calls[0]?.[1]?.authorization ?? null).toBe(expected);
  });

  it('passes priority, concurrency and the body on to the manager', async () => {
    make();
    const acquire = vi.spyOn(client.buckets, 'acquire');
    const json = { name: 'new' };
    await client.patch('/channels/1', { priority: 3, concurrency: 'parallel', json });
    expect(acquire.mock.calls[0]?.[1]).toMatchObject({ priority: 3, concurrency: 'parallel', body: json });
  });

  it.each<[string, string, RequestOptions]>([
    ['path', '//evil.example', {}],
    ['reason', MESSAGES, { reason: 'x'.repeat(513) }],
    ['body cannot be combined', MESSAGES, { json: {}, body: 'a' }],
    ['timeout', MESSAGES, { timeout: -1 }],
    ['retries', MESSAGES, { retries: 0.5 }],
    ['headers', MESSAGES, { headers: { authorization: `Bot ${TOKEN}` } }],
    ['headers', MESSAGES, { headers: { 'x-a': `${TOKEN}\n\0` } }],
    ['auth', MESSAGES, { auth: `Bot ${TOKEN}\n` }],
  ])('is rejected before anything is sent if it is invalid: %s', async (name, path, options) => {
    make();
    const error = await errorOf(client.post(path, options));
    expect((error as Error).message).toContain(name);
    expect(inspect(error)).not.toContain(TOKEN);
    expect(transport.sent).toEqual([]);
  });

  it('rejects a body with GET, and a token that the client does not have', async () => {
    make([], { token: undefined });
    expect(await errorOf(client.get('/a', { json: {} }))).toBeInstanceOf(TypeError);
    expect(await errorOf(client.get('/a', { auth: true }))).toBeInstanceOf(TypeError);
    await client.get('/gateway');
    expect(sentHeaders().has('authorization')).toBe(false);
  });
});

describe('a response', () => {
  it.each<[string, Response, unknown]>([
    ['JSON', json([1]), [1]],
    ['JSON null', json(null), null],
    ['nothing', new Response(null, { status: 204 }), undefined],
    ['an empty body', new Response('', { headers: { 'content-type': 'application/json' } }), undefined],
    ['text', new Response('pong', { headers: { 'content-type': 'text/plain' } }), 'pong'],
  ])('of %s', async (_, answer, expected) => {
    expect(await make([answer]).get('/a')).toEqual(expected);
  });

  it('with malformed JSON is an HTTPError, and the request is not sent again', async () => {
    make([new Response('{', { headers: { 'content-type': 'application/json' } })]);
    expect(await errorOf(client.get('/a'))).toMatchObject({ name: 'HTTPError', code: 'MALFORMED', status: 200 });
    expect(transport.sent).toHaveLength(1);
  });

  it('with a status from 400 to 499 is a DiscordAPIError', async () => {
    make([json({ message: 'Unknown Channel', code: 10003 }, 404)]);
    const error = await errorOf(client.get(MESSAGES));
    expect(error).toBeInstanceOf(DiscordAPIError);
    expect(error).toMatchObject({ status: 404, code: 10003, route: `GET ${MESSAGES}` });
  });

  it('is returned by fetch, whatever its status', async () => {
    make([json({ code: 1 }, 404), json({}, 500), json({}, 502)], { retries: 1 });
    const missing = await client.fetch('/a');
    expect([missing.status, await missing.json()]).toEqual([404, { code: 1 }]);
    expect((await ended(client.fetch('/a'))).status).toBe(502);
  });
});

describe('the body of a response', () => {
  it('is returned by fetch byte for byte, whatever its chunks', async () => {
    const bytes = [new Uint8Array([0xff, 0]), new Uint8Array([0x80]), new Uint8Array([1, 2, 3])];
    make([new Response(ReadableStream.from(bytes), { headers: { 'x-own': 'yes' } })]);
    const response = await client.fetch('/a');
    expect(response.headers.get('x-own')).toBe('yes');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0xff, 0, 0x80, 1, 2, 3]);
  });

  it('is decoded as text across chunks', async () => {
    const bytes = new TextEncoder().encode('ü€😀');
    make([new Response(ReadableStream.from([...bytes].map((byte) => new Uint8Array([byte]))))]);
    expect(await client.get('/a')).toBe('ü€😀');
  });

  it.each([500, 503])('of a %i is read before the request is sent again, to free the connection', async (status) => {
    const failure = json({}, status);
    make([failure, json({ ok: true })]);
    expect(await ended(client.get('/a'))).toEqual({ ok: true });
    expect(failure.bodyUsed).toBe(true);
  });
});

describe('a refusal', () => {
  it('sends the request again, in order and as often as necessary', async () => {
    make([refusal(1), refusal(1), refusal(1), refusal(1), refusal(1), json({ id: 'first' }), json({ id: 'second' })]);
    const both = Promise.all([client.post(MESSAGES, { json: 'first' }), client.post(MESSAGES, { json: 'second' })]);
    expect(await ended(both)).toEqual([{ id: 'first' }, { id: 'second' }]);
    const bodies = await Promise.all(transport.sent.map(({ text }) => text));
    expect(bodies).toEqual([...Array(6).fill('"first"'), '"second"']);
  });

  it('of a stream is returned', async () => {
    make([refusal(1), refusal(1)]);
    const options = () => ({ body: new Blob(['abc']).stream() });
    expect((await client.fetch(MESSAGES, { method: 'POST', ...options() })).status).toBe(429);
    expect(await ended(errorOf(client.post(MESSAGES, options())))).toMatchObject({
      name: 'DiscordAPIError',
      status: 429,
    });
  });

  it('for too long is an error immediately', async () => {
    make([refusal(10)], { maxRateLimit: 5_000 });
    expect(await errorOf(client.get(MESSAGES))).toBeInstanceOf(RateLimitTooLongError);
    expect(clock.now()).toBe(0);
  });

  it('by a full queue is an error immediately', async () => {
    make([silence], { maxQueueSize: 0 });
    const first = errorOf(client.post(MESSAGES));
    expect(await errorOf(client.post(MESSAGES))).toBeInstanceOf(QueueFullError);
    client.close();
    await first;
  });
});

describe('a limit', () => {
  it('holds on a clock past 2^31 ms, as in a process that has run for 25 days', async () => {
    clock = new VirtualClock(2 ** 31 + 1_000);
    const limits = { 'x-ratelimit-bucket': 'abc', 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0' };
    make([json({}, 200, { ...limits, 'x-ratelimit-reset-after': '10' }), json({})]);
    await client.get(MESSAGES);
    const done = client.get(MESSAGES);
    await clock.advance(10_000);
    expect(transport.sent).toHaveLength(1);
    await clock.advance(10);
    await done;
    expect(transport.sent).toHaveLength(2);
  });
});

describe('retries', () => {
  it('follow errors of the server, with back-off', async () => {
    const at: number[] = [];
    const timed = (response: Response) => async () => {
      at.push(clock.now());
      return response;
    };
    make([json({}, 500), json({}, 502), json({}, 504), json({ ok: true })].map(timed));
    expect(await ended(client.get('/a'))).toEqual({ ok: true });
    expect(at).toEqual([0, 125, 375, 875]);
  });

  it.each<[string, Step]>([
    ['an error of the server', json({}, 500)],
    ['a lost connection', connectionError('ECONNRESET')],
    ['a response that broke off', brokenBody()],
  ])('keep the order of the writes after %s', async (_, failure) => {
    make([failure]);
    const edits = [1, 2].map((content) => client.patch(`${MESSAGES}/5`, { json: { content } }));
    await ended(Promise.all(edits));
    const sent = await Promise.all(transport.sent.map(({ text }) => text));
    expect(sent.map((text) => JSON.parse(text).content)).toEqual([1, 1, 2]);
  });

  it('are three by default', async () => {
    make(Array.from({ length: 9 }, () => json({}, 500)));
    expect(await ended(errorOf(client.get('/a')))).toMatchObject({ code: 'SERVER_ERROR' });
    expect(transport.sent).toHaveLength(4);
  });

  it('back off before a read whose response broke off is sent again', async () => {
    make([brokenBody(), brokenBody(), json({ ok: true })]);
    const done = client.get('/a');
    await clock.advance(124);
    expect(transport.sent).toHaveLength(1);
    await clock.advance(1);
    expect(transport.sent).toHaveLength(2);
    await clock.advance(249);
    expect(transport.sent).toHaveLength(2);
    await clock.advance(1);
    expect(await done).toEqual({ ok: true });
  });

  it('end with an HTTPError', async () => {
    make([json({}, 500), json({}, 500)], { retries: 1 });
    const error = await ended(errorOf(client.get('/a')));
    expect(error).toBeInstanceOf(HTTPError);
    expect(error).toMatchObject({ code: 'SERVER_ERROR', status: 500, route: 'GET /a', method: 'GET' });
    expect(transport.sent).toHaveLength(2);
  });

  it('wait as long as a 503 asks', async () => {
    make([json({}, 503, { 'retry-after': '20' }), json({})]);
    const done = client.get('/a');
    await clock.advance(19_999);
    expect(transport.sent).toHaveLength(1);
    await clock.advance(1);
    await done;
    expect(transport.sent).toHaveLength(2);
  });

  it('give up when a 503 asks for more than maxRateLimit', async () => {
    make([json({}, 503, { 'retry-after': '301' })]);
    expect(await errorOf(client.get('/a'))).toMatchObject({ code: 'SERVER_ERROR', status: 503 });
  });

  it.each<[string, Step, string]>([
    ['a status of 500', json({}, 500), 'SERVER_ERROR'],
    ['a lost connection', connectionError('ECONNRESET'), 'LOST'],
    ['a timeout', silence, 'TIMEOUT'],
    ['a response that breaks off', stalledBody(), 'TIMEOUT'],
  ])('never repeat a POST after %s', async (_, step, code) => {
    make([step]);
    expect(await ended(errorOf(client.post(MESSAGES, { json: {} })))).toMatchObject({ name: 'HTTPError', code });
    expect(transport.sent).toHaveLength(1);
  });

  it.each<[string, RequestOptions, number]>([
    ['repeatPost', { repeatPost: true }, 2],
    ['an enforced nonce', { json: { nonce: '1', enforce_nonce: true } }, 2],
    ['an enforced nonce in a number', { json: { nonce: 1, enforce_nonce: true } }, 2],
    ['an enforced nonce, but repeatPost: false', { json: { nonce: '1', enforce_nonce: true }, repeatPost: false }, 1],
    ['a nonce that is not enforced', { json: { nonce: '1' } }, 1],
    ['an enforced nonce that is not there', { json: { enforce_nonce: true } }, 1],
  ])('of a POST with %s', async (_, options, attempts) => {
    make([connectionError('ECONNRESET')]);
    await ended(client.post(MESSAGES, options).catch(() => {}));
    expect(transport.sent).toHaveLength(attempts);
  });

  it('repeat a POST that was never sent', async () => {
    make([connectionError('ECONNREFUSED'), connectionError('ENOTFOUND'), json({ ok: true })]);
    expect(await ended(client.post(MESSAGES))).toEqual({ ok: true });
  });

  it('never send a stream again', async () => {
    make([connectionError('ECONNREFUSED')]);
    const error = await ended(errorOf(client.put('/a', { body: new Blob(['abc']).stream() })));
    expect(error).toMatchObject({ code: 'UNSENT', cause: { message: 'fetch failed' } });
    expect(transport.sent).toHaveLength(1);
  });

  it('can be set for one request', async () => {
    make([json({}, 500), json({}, 500)]);
    expect(await ended(errorOf(client.get('/a', { retries: 0 })))).toBeInstanceOf(HTTPError);
    expect(transport.sent).toHaveLength(1);
  });
});

describe('the timeout', () => {
  it.each<[string, Step]>([
    ['no response', silence],
    ['no response on a transport that ignores signals', unresponsive],
    ['a response without progress', stalledBody()],
    ['an error response without progress', stalledBody(500)],
  ])('ends %s', async (_, step) => {
    make([step], { retries: 0 });
    const done = errorOf(client.get('/a'));
    await clock.advance(14_999);
    expect(clock.pendingTimers).toBeGreaterThan(1);
    await clock.advance(1);
    expect(await done).toMatchObject({
      name: 'HTTPError',
      code: 'TIMEOUT',
      message: 'GET /a timed out: there was no progress for 15000 ms',
    });
  });

  it('is tried again like other failures', async () => {
    make([silence, json({ ok: true })]);
    expect(await ended(client.get('/a', { timeout: 1_000 }))).toEqual({ ok: true });
  });

  it('starts again with each chunk of the response', async () => {
    const chunks = async function* () {
      for (const chunk of ['{"a"', ':', '1', '}']) {
        await new Promise<void>((resolve) => clock.setTimer(clock.now() + 900, resolve));
        yield new TextEncoder().encode(chunk);
      }
    };
    const headers = { 'content-type': 'application/json' };
    make([new Response(ReadableStream.from(chunks()), { headers })], { timeout: 1_000 });
    expect(await ended(client.get('/a'))).toEqual({ a: 1 });
  });

  it('counts from the last chunk', async () => {
    const chunk = async function* () {
      await new Promise<void>((resolve) => clock.setTimer(clock.now() + 900, resolve));
      yield new Uint8Array(1);
      await new Promise(() => {});
    };
    make([new Response(ReadableStream.from(chunk()))], { timeout: 1_000, retries: 0 });
    const done = vi.fn();
    client.get('/a').catch(done);
    await clock.advance(1_899);
    expect(done).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(done).toHaveBeenCalledWith(expect.objectContaining({ code: 'TIMEOUT' }));
  });

  it('counts neither queue nor back-off', async () => {
    make([refusal(60), json({}, 503, { 'retry-after': '60' }), json({ ok: true })], { timeout: 1_000 });
    expect(await ended(client.get('/a'))).toEqual({ ok: true });
  });

  it('can be infinite', async () => {
    make([silence], { timeout: Number.POSITIVE_INFINITY });
    const done = errorOf(client.get('/a'));
    await clock.advance(1e9);
    client.close();
    expect(await done).toBeInstanceOf(LimiterClosedError);
  });
});

/** Each state in which a request can be ended: its name, the step that leads to it, and after how many ms. */
const STATES: [string, () => Step, number][] = [
  ['in flight', () => silence, 1],
  ['in flight on a transport that ignores signals', () => unresponsive, 1],
  ['while the response is read', () => stalledBody(), 1],
  ['while the limit holds it', () => refusal(60), 100],
  ['in back-off', () => json({}, 503, { 'retry-after': '60' }), 100],
];

describe('a signal', () => {
  it.each(STATES)('ends a request %s with its own reason', async (_, step, after) => {
    make([step()]);
    const controller = new AbortController();
    const done = errorOf(client.get('/a', { signal: controller.signal }));
    await clock.advance(after);
    const reason = { because: 'of that' };
    controller.abort(reason);
    expect(await done).toBe(reason);
    expect(transport.sent).toHaveLength(1);
  });

  it.each([
    ['in the back-off', 1_100],
    ['in the attempt', 1_200],
  ])('ends a request %s that follows a timeout', async (_, after) => {
    make([silence, silence], { timeout: 1_000 });
    const controller = new AbortController();
    const done = errorOf(client.get('/a', { signal: controller.signal }));
    await clock.advance(after);
    controller.abort('enough');
    expect(await done).toBe('enough');
    expect(transport.sent).toHaveLength(after < 1_125 ? 1 : 2);
  });

  it('that has already aborted prevents sending', async () => {
    make();
    expect(await errorOf(client.get('/a', { signal: AbortSignal.abort('before') }))).toBe('before');
    expect(transport.sent).toEqual([]);
  });

  it('may have an HTTPError as its reason', async () => {
    make([silence]);
    const reason = new HTTPError(Route.match('GET', '/b'), { code: 'LOST', problem: 'elsewhere' });
    expect(await errorOf(client.get('/a', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(transport.sent).toEqual([]);
  });

  it('has no listeners left when the request has ended', async () => {
    make([json({})]);
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    await client.get('/a', { signal });
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });
});

describe('close', () => {
  it.each(STATES)('ends requests %s, and those queued behind them', async (_, step, after) => {
    make([step(), silence, silence]);
    const ends = [1, 2, 3].map(() => errorOf(client.patch('/channels/1')));
    await clock.advance(after);
    client.close();
    client.close();
    for (const error of await Promise.all(ends)) expect(error).toBeInstanceOf(LimiterClosedError);
    expect(await errorOf(client.get('/a'))).toBeInstanceOf(LimiterClosedError);
  });

  it('ends only the requests of this client when the manager is shared', async () => {
    using manager = new RESTBucketManager({ clock });
    const other = new ScriptedFetch(async () => json({ ok: true }));
    make([silence], { manager });
    const sharing = new RESTClient({ token: TOKEN, manager, fetch: other.fetch });
    const ends = [errorOf(client.post(MESSAGES)), errorOf(client.post(MESSAGES))];
    const others = sharing.post(MESSAGES);
    await clock.advance(1);
    client[Symbol.dispose]();
    for (const error of await Promise.all(ends)) expect(error).toBeInstanceOf(LimiterClosedError);
    expect(await ended(others)).toEqual({ ok: true });
    expect(manager.isClosed).toBe(false);
  });
});

describe('errors', () => {
  /** Quotes everything that it was given, as some transports do. */
  const quoting: Step = async () => {
    throw Object.assign(new Error(`${transport.sent[0]?.url}`), {
      headers: { authorization: transport.sent[0]?.headers.get('authorization') },
    });
  };

  it.each<[string, Step[]]>([
    ['a response of 404', [json({ message: 'Unknown Webhook', code: 10015 }, 404)]],
    ['a response of 500', [json({}, 500)]],
    ['a lost connection', [connectionError('ECONNRESET')]],
    ['a transport that quotes secrets', [quoting]],
    ['a timeout', [silence]],
    ['a response without progress', [stalledBody()]],
    ['malformed JSON', [new Response('{', { headers: { 'content-type': 'application/json' } })]],
    ['a limit that lasts too long', [refusal(1_000)]],
  ])('never contain a secret: %s', async (_, steps) => {
    make(steps);
    const error = await ended(errorOf(client.post(`/webhooks/1/${WEBHOOK_TOKEN}`, { auth: true, json: {} })));
    expect(error).toBeInstanceOf(Error);
    const shown = [
      inspect(error, { depth: 20, showHidden: true }),
      JSON.stringify(error),
      (error as Error).stack,
    ].join();
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(WEBHOOK_TOKEN);
  });

  it('of a close contain no secret, and neither does the client', async () => {
    make([silence]);
    const done = errorOf(client.post(`/webhooks/1/${WEBHOOK_TOKEN}`, { auth: true }));
    await clock.advance(1);
    client.close();
    const shown = inspect([await done, client], { depth: 20, showHidden: true });
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(WEBHOOK_TOKEN);
  });
});
