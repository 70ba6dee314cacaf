import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOKEN } from '../../src/arena/clients/client.js';
import { CLIENT_NAMES, loadClient } from '../../src/arena/clients/roster.js';
import type { ArenaRequest } from '../../src/arena/scenario.js';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly mark: unknown;
  readonly authorization: unknown;
  readonly json: unknown;
}

const CHANNEL = '/channels/1000000000000000001';
const WEBHOOK = `/webhooks/1000000000000000003/${'w'.repeat(68)}`;
const INTERACTION = `/interactions/1000000000000000004/aW50ZXJhY3Rpb246${'i'.repeat(80)}/callback`;
const REQUESTS: readonly ArenaRequest[] = [
  { method: 'GET', path: '/guilds/1000000000000000005/members?limit=1000&after=1' },
  { method: 'POST', path: `${CHANNEL}/messages`, json: { content: 'Hello' } },
  { method: 'PATCH', path: `${CHANNEL}/messages/1000000000000000002`, json: { content: 'Edited' } },
  { method: 'PUT', path: `${CHANNEL}/messages/1000000000000000002/reactions/${encodeURIComponent('👋')}/@me` },
  { method: 'DELETE', path: `${CHANNEL}/messages/1000000000000000002` },
  { method: 'PUT', path: '/applications/1000000000000000006/commands', json: [{ name: 'ping', description: 'Pong' }] },
  { method: 'POST', path: WEBHOOK, json: { content: 'News' } },
  { method: 'POST', path: INTERACTION, json: { type: 4, data: { content: 'Pong' } } },
];

describe.each(CLIENT_NAMES)('%s', (name) => {
  const received: Received[] = [];
  let server: Server;
  let origin: string;
  let status: number;

  beforeEach(async () => {
    received.length = 0;
    status = 200;
    server = createServer(async (request, response) => {
      const body = await text(request);
      received.push({
        method: request.method,
        url: request.url,
        mark: request.headers['x-simulator-mark'],
        authorization: request.headers.authorization,
        json: body === '' ? undefined : JSON.parse(body),
      });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":"1","message":"No","code":50001}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('sends each request unchanged, with its mark, and with the token where it is needed', async () => {
    const client = (await loadClient(name))(origin);
    for (const [mark, request] of REQUESTS.entries()) await client.send(request, mark);
    client.close();
    const expected = REQUESTS.map(({ method, path, json }, mark) => ({
      method,
      url: `/api/v10${path}`,
      mark: String(mark),
      authorization: path === WEBHOOK || path === INTERACTION ? undefined : `Bot ${TOKEN}`,
      json,
    }));
    expect(received).toEqual(expected);
  });

  it('reports a request that was rejected', async () => {
    status = 403;
    const client = (await loadClient(name))(origin);
    await expect(client.send({ method: 'GET', path: CHANNEL }, 0)).rejects.toThrow();
    client.close();
  });
});
