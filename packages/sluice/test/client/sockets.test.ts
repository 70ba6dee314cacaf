import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CancelReason, Permit } from '../../src/buckets/rest-bucket.js';
import type { RESTClientOptions } from '../../src/client/client-options.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { LimiterClosedError } from '../../src/errors.js';
import { Route } from '../../src/routes/route.js';
import { errorOf } from './scripted-fetch.js';

const TOKEN = 'MTIzNDU2Nzg5.Gabcde.0123456789-_abcdefghijklmnopq';
const WEBHOOK_TOKEN = 'w'.repeat(68);
const MESSAGES = '/channels/1/messages';

let server: Server | undefined;
let client: RESTClient;

afterEach(async () => {
  client?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<number> {
  // Some tests close the connection from the client's side.
  server = createServer((request, response) => void Promise.resolve(listener(request, response)).catch(() => {}));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function make(port: number, options: RESTClientOptions = {}): void {
  const baseURL = `http://127.0.0.1:${port}/api/v10`;
  client = new RESTClient({ token: TOKEN, baseURL, random: () => 0, ...options });
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(
  response: ServerResponse,
  body: unknown = {},
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, retryAfter: number): void {
  answer(response, { message: 'You are being rate limited.', retry_after: retryAfter, global: false }, 429, {
    'x-ratelimit-bucket': 'abc',
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset-after': String(retryAfter),
    'x-ratelimit-scope': 'user',
    'retry-after': '1',
  });
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const port = await serve(() => {});
  await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  return port;
}

/** Records the reasons with which permits are cancelled. */
function watchCancels(): unknown[] {
  const reasons: unknown[] = [];
  const acquire = client.buckets.acquire.bind(client.buckets);
  const watch = (permit: Permit): Permit => {
    const { cancel, repeat } = permit;
    permit.cancel = (reason?: CancelReason) => {
      reasons.push(reason);
      cancel.call(permit, reason);
    };
    permit.repeat = async (...outcome) => watch(await repeat.apply(permit, outcome));
    return permit;
  };
  vi.spyOn(client.buckets, 'acquire').mockImplementation(async (...parameters) => watch(await acquire(...parameters)));
  return reasons;
}

describe('over sockets', () => {
  it.each([
    ['small', 1_000],
    ['large', 1_000_000],
  ])('multipart arrives unchanged, with its length: %s', async (_, size) => {
    let headers: IncomingMessage['headers'] = {};
    let form: FormData | undefined;
    const port = await serve(async (request, response) => {
      headers = request.headers;
      const bytes = await bytesOf(request);
      form = await new Response(bytes, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
      answer(response, { length: bytes.length });
    });
    make(port);
    const data = new Uint8Array(size).map((_, index) => index);
    const json = { content: 'ü', attachments: [{ id: 0 }] };
    const files = [{ name: 'dätei.bin', data, contentType: 'application/x-own' }];
    const { length } = await client.post<{ length: number }>(MESSAGES, { json, files });
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(Number(headers['content-length'])).toBe(length);
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(JSON.parse(String(form?.get('payload_json')))).toEqual(json);
    const file = form?.get('files[0]') as File;
    expect([file.name, file.type]).toEqual(['dätei.bin', 'application/x-own']);
    expect(Buffer.compare(Buffer.from(await file.arrayBuffer()), data)).toBe(0);
  });

  it('a stream arrives in full', async () => {
    const port = await serve(async (request, response) => answer(response, (await bytesOf(request)).toString()));
    make(port);
    expect(await client.post(MESSAGES, { body: new Blob(['streamed']).stream() })).toBe('streamed');
  });

  it('a large upload does not time out while it makes progress', async () => {
    const size = 16 * 1024 * 1024;
    // The system takes pieces in bursts of some MB. On a busy machine, one burst may take as long as a second.
    const timeout = 1_500;
    const port = await serve(async (request, response) => {
      let length = 0;
      for await (const chunk of request) {
        length += chunk.length;
        await wait(14);
      }
      answer(response, { length });
    });
    make(port, { timeout });
    const start = performance.now();
    const files = [{ name: 'large.bin', data: new Uint8Array(size) }];
    const { length } = await client.post<{ length: number }>(MESSAGES, { files });
    expect(length).toBeGreaterThan(size);
    expect(performance.now() - start).toBeGreaterThan(2 * timeout);
  });

  it('an upload without progress times out', async () => {
    make(await serve(() => {}), { timeout: 150 });
    const reasons = watchCancels();
    const files = [{ name: 'large.bin', data: new Uint8Array(64 * 1024 * 1024) }];
    expect(await errorOf(client.post(MESSAGES, { files }))).toMatchObject({ code: 'TIMEOUT' });
    expect(reasons).toEqual(['lost']);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['never comes', () => {}],
    ['stops after its headers', (response) => response.flushHeaders()],
    ['stops within its body', (response) => response.write('{"a":')],
  ])('a response that %s times out', async (_, stall) => {
    make(await serve((_, response) => stall(response)), { timeout: 100, retries: 1 });
    expect(await errorOf(client.get('/a'))).toMatchObject({ name: 'HTTPError', code: 'TIMEOUT' });
  });

  it('a response does not time out while it makes progress', async () => {
    const port = await serve(async (_, response) => {
      for (const part of ['{', '"a"', ':', '1', '}']) {
        response.write(part);
        await wait(300);
      }
      response.end();
    });
    make(port, { timeout: 1_200 });
    expect(await client.get('/a')).toBe('{"a":1}');
  });

  it('a reset connection is lost: a GET is sent again, a POST is not', async () => {
    const methods: unknown[] = [];
    const port = await serve((request, response) => {
      methods.push(request.method);
      if (methods.length === 2) answer(response);
      else request.socket.resetAndDestroy();
    });
    make(port);
    const reasons = watchCancels();
    expect(await client.get('/a')).toEqual({});
    expect(await errorOf(client.post(MESSAGES))).toMatchObject({ name: 'HTTPError', code: 'LOST', status: undefined });
    expect([methods, reasons]).toEqual([
      ['GET', 'GET', 'POST'],
      ['lost', 'lost'],
    ]);
  });

  it('a response that breaks off is lost, and the error has its status', async () => {
    const port = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      request.socket.end();
    });
    make(port, { retries: 0 });
    expect(await errorOf(client.get('/a'))).toMatchObject({ name: 'HTTPError', code: 'LOST', status: 200 });
  });

  it('nothing is sent over a refused connection: even a POST is sent again', async () => {
    const port = await freePort();
    make(port, { retries: 20, random: () => 0.05 });
    const reasons = watchCancels();
    const done = client.post(MESSAGES, { json: { content: 'hi' } });
    await vi.waitFor(() => expect(reasons.length).toBeGreaterThan(1));
    server = createServer((_, response) => answer(response, { id: '1' }));
    server.listen(port, '127.0.0.1');
    expect(await done).toEqual({ id: '1' });
    expect(new Set(reasons)).toEqual(new Set(['unsent']));
    expect(client.buckets.getBucket(Route.match('POST', MESSAGES), { authorization: `Bot ${TOKEN}` }).inFlight).toBe(0);
  });

  it('a connection that stays refused is an error with its cause', async () => {
    make(await freePort(), { retries: 1 });
    const error = await errorOf(client.post(MESSAGES));
    expect(error).toMatchObject({ name: 'HTTPError', code: 'UNSENT', cause: { cause: { code: 'ECONNREFUSED' } } });
  });

  it('refused requests are sent again in order', async () => {
    const bodies: string[] = [];
    let count = 0;
    const port = await serve(async (request, response) => {
      const body = (await bytesOf(request)).toString();
      if (count++ % 2 === 0) return refuse(response, 0.05);
      bodies.push(body);
      answer(response);
    });
    make(port);
    await Promise.all([1, 2, 3, 4, 5].map((json) => client.post(MESSAGES, { json })));
    expect(bodies).toEqual(['1', '2', '3', '4', '5']);
  });

  it('a large form is sent again after a refusal', async () => {
    const lengths: number[] = [];
    const port = await serve(async (request, response) => {
      lengths.push((await bytesOf(request)).length);
      if (lengths.length === 1) refuse(response, 0.05);
      else answer(response);
    });
    make(port);
    await client.post(MESSAGES, { files: [{ name: 'a', data: new Uint8Array(1_000_000) }] });
    expect(lengths[0]).toBeGreaterThan(1_000_000);
    expect(lengths[1]).toBe(lengths[0]);
  });

  it('a signal ends uploads, waits and responses with its own reason', async () => {
    make(await serve((request, response) => (request.method === 'GET' ? response.write('{') : undefined)));
    const files = [{ name: 'a', data: new Uint8Array(32 * 1024 * 1024) }];
    const controller = new AbortController();
    const { signal } = controller;
    const ends = [client.get('/a', { signal }), client.post('/b', { files, signal }), client.post('/b', { signal })];
    const errors = Promise.all(ends.map(errorOf));
    await wait(100);
    const reason = new Error('enough');
    controller.abort(reason);
    for (const error of await errors) expect(error).toBe(reason);
  });

  it('no error contains a token', async () => {
    const port = await serve((request, response) => {
      if (request.method === 'GET') answer(response, { message: 'Unknown Webhook', code: 10015 }, 404);
      else if (request.method === 'PUT') answer(response, {}, 500);
      else if (request.method === 'POST') request.socket.resetAndDestroy();
    });
    make(port, { retries: 0 });
    const path = `/webhooks/1/${WEBHOOK_TOKEN}`;
    const ends = [
      client.get(path, { auth: true }),
      client.put(path, { auth: true }),
      client.post(path, { auth: true }),
      // The others get a response, however busy the machine is.
      client.patch(path, { auth: true, timeout: 100 }),
    ];
    const errors = await Promise.all(ends.map(errorOf));
    make(await freePort(), { retries: 0 });
    errors.push(await errorOf(client.post(path, { auth: true })));
    expect(errors.map((error) => (error as { code: unknown }).code)).toEqual([
      10015,
      'SERVER_ERROR',
      'LOST',
      'TIMEOUT',
      'UNSENT',
    ]);
    for (const error of errors) {
      const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + (error as Error).stack;
      expect(shown).not.toContain(TOKEN);
      expect(shown).not.toContain(WEBHOOK_TOKEN);
    }
  });

  it('close ends requests in flight', async () => {
    make(await serve(() => {}));
    const errors = Promise.all([client.get('/a'), client.post('/b'), client.post('/b')].map(errorOf));
    await wait(50);
    client.close();
    for (const error of await errors) expect(error).toBeInstanceOf(LimiterClosedError);
  });
});
