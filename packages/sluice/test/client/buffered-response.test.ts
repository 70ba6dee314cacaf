import { describe, expect, it, vi } from 'vitest';
import { BufferedResponse, contentOf } from '../../src/client/buffered-response.js';
import { Route } from '../../src/routes/route.js';
import { brokenBody, errorOf, json } from './scripted-fetch.js';

const ROUTE = Route.match('GET', '/channels/1');

describe('a buffered response', () => {
  it('reads its body once, however often it is needed', async () => {
    const readBody = vi.fn(async () => new TextEncoder().encode('ü'));
    const response = new BufferedResponse(new Response('ignored'), readBody);
    expect([await response.text(), await response.text(), (await response.read()).byteLength]).toEqual(['ü', 'ü', 2]);
    expect(readBody).toHaveBeenCalledOnce();
  });

  it('is the original until its body is read, then a copy', async () => {
    const original = new Response('text', { status: 418, statusText: "I'm a teapot", headers: { 'x-own': 'yes' } });
    const response = new BufferedResponse(original);
    expect(await response.toResponse()).toBe(original);
    await response.read();
    const copy = await response.toResponse();
    expect(copy).not.toBe(original);
    expect([copy.status, copy.statusText, copy.headers.get('x-own'), await copy.text()]).toEqual([
      418,
      "I'm a teapot",
      'yes',
      'text',
    ]);
  });

  it('stays the original without a body, because a status such as 204 allows none', async () => {
    const original = new Response(null, { status: 204 });
    const response = new BufferedResponse(original);
    expect((await response.read()).byteLength).toBe(0);
    expect(await response.toResponse()).toBe(original);
  });

  it('is a copy without a body when that was cut off', async () => {
    const response = new BufferedResponse(brokenBody(404));
    await errorOf(response.read());
    const copy = await response.toResponse();
    expect([copy.status, await copy.text()]).toEqual([404, '']);
  });
});

describe('the content of a response', () => {
  const content = (response: Response) => contentOf(ROUTE, new BufferedResponse(response));

  it.each<[string, Response, unknown]>([
    ['JSON', json({ id: '1' }), { id: '1' }],
    ['JSON of a subtype', new Response('[1]', { headers: { 'content-type': 'application/problem+JSON; x' } }), [1]],
    ['text', new Response('text', { headers: { 'content-type': 'text/plain' } }), 'text'],
    ['nothing', new Response(null, { status: 204 }), undefined],
    ['nothing that is called JSON', new Response('', { headers: { 'content-type': 'application/json' } }), undefined],
    ['a status below 300', json({ id: '1' }, 299), { id: '1' }],
  ])('is %s', async (_, response, expected) => {
    expect(await content(response)).toEqual(expected);
  });

  it.each([300, 404, 499])('of status %i is a DiscordAPIError', async (status) => {
    expect(await errorOf(content(json({ code: 5 }, status)))).toMatchObject({
      name: 'DiscordAPIError',
      status,
      code: 5,
    });
  });

  it('keeps malformed JSON of an error as text', async () => {
    const malformed = new Response('{', { status: 404, headers: { 'content-type': 'application/json' } });
    expect(await errorOf(content(malformed))).toMatchObject({ rawError: '{' });
  });

  it.each([
    [500, 'Internal Server Error', 'GET /channels/1 failed with status 500 Internal Server Error'],
    [502, '', 'GET /channels/1 failed with status 502'],
  ])('of status %i is an HTTPError', async (status, statusText, message) => {
    const error = await errorOf(content(new Response('{}', { status, statusText })));
    expect(error).toMatchObject({ name: 'HTTPError', code: 'SERVER_ERROR', status, message });
  });
});
