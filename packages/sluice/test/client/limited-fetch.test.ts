import { inspect } from 'node:util';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { limitedFetch } from '../../src/client/limited-fetch.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { LimiterClosedError, RateLimitTooLongError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { RouteError } from '../../src/routes/route-error.js';
import { errorOf, json, refusal, ScriptedFetch, type Step, silence } from './scripted-fetch.js';

const URL_OF_MESSAGES = 'https://discord.com/api/v10/channels/1/messages';

let clock: VirtualClock;
let manager: RESTBucketManager;
let transport: ScriptedFetch;

beforeEach(() => {
  clock = new VirtualClock();
  manager = new RESTBucketManager({ clock });
});

function make(...steps: Step[]): typeof fetch {
  transport = new ScriptedFetch(...steps);
  return limitedFetch({ manager, fetch: transport.fetch });
}

describe('limitedFetch', () => {
  it('passes input and init to the transport unchanged', async () => {
    const limited = make(json({ id: '1' }));
    const response = await limited(new URL(`${URL_OF_MESSAGES}?a=b`), {
      method: 'POST',
      headers: { authorization: 'Bot secret', 'x-own': 'yes' },
      body: '{"content":"hi"}',
    });
    expect(await response.json()).toEqual({ id: '1' });
    const [sent] = transport.sent;
    expect([sent?.url, sent?.method, sent?.headers.get('x-own'), await sent?.text]).toEqual([
      `${URL_OF_MESSAGES}?a=b`,
      'POST',
      'yes',
      '{"content":"hi"}',
    ]);
  });

  it('limits by route and by the authorization that is sent', async () => {
    const acquire = vi.spyOn(manager, 'acquire');
    const body = JSON.stringify({ name: 'new' });
    const headers = { authorization: 'Bot secret', 'content-type': 'application/json' };
    await make()(URL_OF_MESSAGES, { method: 'PATCH', headers, body });
    const [route, options] = acquire.mock.calls[0] ?? [];
    expect(String(route)).toBe('PATCH /channels/1/messages');
    expect(options).toMatchObject({ authorization: 'Bot secret', body: { name: 'new' } });
    expect(inspect(manager, { depth: 10 })).not.toContain('PATCH https');
  });

  it.each([
    ['JSON', '{"name":"new"}', 'application/json; charset=utf-8', { name: 'new' }],
    ['malformed JSON', '{', 'application/json', undefined],
    ['text', '{"name":"new"}', 'text/plain', undefined],
    ['parameters', new URLSearchParams('name=new'), 'application/json', undefined],
  ])('tells the limiter the fields of a body that is JSON: %s', async (_, body, type, expected) => {
    const acquire = vi.spyOn(manager, 'acquire');
    await make()(URL_OF_MESSAGES, { method: 'PATCH', headers: { 'content-type': type }, body });
    expect(acquire.mock.calls[0]?.[1]?.body).toEqual(expected);
  });

  it('lets init override a Request: its method, headers and signal', async () => {
    const acquire = vi.spyOn(manager, 'acquire');
    const controller = new AbortController();
    const request = new Request(URL_OF_MESSAGES, { headers: { authorization: 'Bot a' }, signal: controller.signal });
    const limited = make();
    await limited(request);
    await limited(request, { method: 'PATCH', headers: { authorization: 'Bot b' }, signal: null });
    const calls = acquire.mock.calls.map(([route, options]) => [route.method, options?.authorization, options?.signal]);
    expect(calls).toEqual([
      ['GET', 'Bot a', request.signal],
      ['PATCH', 'Bot b', undefined],
    ]);
  });

  it('passes the concurrency on to the manager', async () => {
    const acquire = vi.spyOn(manager, 'acquire');
    const { fetch } = new ScriptedFetch();
    await limitedFetch({ manager, fetch, concurrency: 'parallel' })(URL_OF_MESSAGES);
    expect(acquire.mock.calls[0]?.[1]?.concurrency).toBe('parallel');
  });

  it.each<[string, () => Parameters<typeof fetch>]>([
    ['a string', () => [URL_OF_MESSAGES, { method: 'POST', body: 'abc' }]],
    ['parameters', () => [URL_OF_MESSAGES, { method: 'POST', body: new URLSearchParams('abc') }]],
    ['a form', () => [URL_OF_MESSAGES, { method: 'POST', body: new FormData() }]],
    ['a blob', () => [URL_OF_MESSAGES, { method: 'POST', body: new Blob(['abc']) }]],
    ['bytes', () => [URL_OF_MESSAGES, { method: 'POST', body: new TextEncoder().encode('abc') }]],
    ['a Request', () => [new Request(URL_OF_MESSAGES, { method: 'POST', body: 'abc' })]],
    ['a Request with init', () => [new Request(URL_OF_MESSAGES, { body: 'abc', method: 'PUT' }), { method: 'POST' }]],
    ['nothing', () => [URL_OF_MESSAGES, { method: 'POST' }]],
  ])('sends %s again after a refusal', async (_, parameters) => {
    const limited = make(refusal(1), refusal(1), json({}));
    const done = limited(...parameters());
    await clock.advance(10_000);
    expect((await done).status).toBe(200);
    expect(transport.sent.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
    const bodies = await Promise.all(transport.sent.map(({ text }) => text));
    expect(bodies[0]?.length).toBe(bodies[2]?.length);
  });

  it('returns the refusal of a stream to the caller', async () => {
    const limited = make(refusal(1));
    const body = new Blob(['abc']).stream();
    const response = await limited(URL_OF_MESSAGES, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ message: 'You are being rate limited.' });
  });

  it('returns a response unchanged, with its body unread', async () => {
    const answer = json({ id: '1' });
    const response = await make(answer)(URL_OF_MESSAGES);
    expect(response).toBe(answer);
    expect(response.bodyUsed).toBe(false);
  });

  it('sends requests outside of /api without a limit', async () => {
    manager.close();
    const limited = make();
    await limited('https://cdn.discordapp.com/attachments/1/2/a.png');
    await limited('https://discord.com/apiary');
    expect(transport.sent).toHaveLength(2);
    expect(await errorOf(limited('https://discord.com/api/v10/gateway'))).toBeInstanceOf(LimiterClosedError);
    expect(await errorOf(limited('https://discord.com/api'))).toBeInstanceOf(LimiterClosedError);
  });

  it('limits the URLs that isLimited accepts', async () => {
    manager.close();
    transport = new ScriptedFetch();
    const isLimited = ({ host }: URL) => host === 'proxy.local';
    const limited = limitedFetch({ manager, fetch: transport.fetch, isLimited });
    await limited('https://discord.com/api/v10/gateway');
    expect(await errorOf(limited('http://proxy.local/gateway'))).toBeInstanceOf(LimiterClosedError);
  });

  it('passes an invalid URL to fetch', async () => {
    expect(await errorOf(make()('not a url'))).toBeInstanceOf(TypeError);
  });

  it('rejects an invalid path', async () => {
    expect(await errorOf(make()('https://discord.com/api/v10/channels/%zz'))).toBeInstanceOf(RouteError);
    expect(transport.sent).toEqual([]);
  });

  it('rejects immediately when the limit lasts too long', async () => {
    const limited = make(refusal(301));
    expect(await errorOf(limited(URL_OF_MESSAGES))).toBeInstanceOf(RateLimitTooLongError);
    expect(await errorOf(limited(URL_OF_MESSAGES))).toBeInstanceOf(RateLimitTooLongError);
    expect(transport.sent).toHaveLength(1);
  });

  it.each(['init', 'Request'])('respects the signal of the %s in the queue and in flight', async (place) => {
    const limited = make(silence);
    const controllers = [new AbortController(), new AbortController()] as const;
    const ends = controllers.map(({ signal }) => {
      const init = { method: 'POST', signal };
      return errorOf(place === 'init' ? limited(URL_OF_MESSAGES, init) : limited(new Request(URL_OF_MESSAGES, init)));
    });
    await clock.advance(1);
    controllers[1].abort('queued');
    controllers[0].abort('in flight');
    expect(await Promise.all(ends)).toEqual(['in flight', 'queued']);
    expect(transport.sent).toHaveLength(1);
  });
});
