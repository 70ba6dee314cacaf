import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RESTClientOptions } from '../../src/client/client-options.js';
import { DiscordAPIError } from '../../src/client/errors.js';
import { limitedFetch } from '../../src/client/limited-fetch.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { AuthorizationLockedError, InvalidRequestLimitError, WebhookLockedError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { InvalidRequestGuard } from '../../src/published.js';
import { Route } from '../../src/routes/route.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from '../routes/tokens.js';
import { errorOf, json, ScriptedFetch, type Step } from './scripted-fetch.js';

const WEBHOOK = `/webhooks/1/${WEBHOOK_TOKEN}`;
const UNKNOWN_WEBHOOK = { message: 'Unknown Webhook', code: 10_015 };
const UNKNOWN_MESSAGE = { message: 'Unknown Message', code: 10_008 };

let clock: VirtualClock;
let transport: ScriptedFetch;
let client: RESTClient;

beforeEach(() => {
  clock = new VirtualClock();
});

afterEach(async () => {
  client?.close();
  await clock.advance(0);
  expect(clock.pendingTimers).toBe(0);
});

function make(steps: Step[], options: RESTClientOptions = {}): RESTClient {
  transport = new ScriptedFetch(...steps);
  client = new RESTClient({ token: 'secret', fetch: transport.fetch, clock, ...options });
  return client;
}

describe('a client', () => {
  it('locks a webhook that does not exist, and tells the caller', async () => {
    const { buckets } = make([json(UNKNOWN_WEBHOOK, 404)]);
    const first = await errorOf(client.post(WEBHOOK, { json: { content: 'a' } }));
    expect(first).toBeInstanceOf(DiscordAPIError);
    expect(first).toMatchObject({ status: 404, code: 10_015, rawError: UNKNOWN_WEBHOOK });
    const later = await errorOf(client.post(WEBHOOK, { json: { content: 'a' } }));
    expect(later).toBeInstanceOf(WebhookLockedError);
    expect(String(later)).not.toContain(WEBHOOK_TOKEN);
    expect(transport.sent).toHaveLength(1);
    expect(buckets.unlock({ route: Route.match('POST', WEBHOOK) })).toBe(true);
    await client.post(WEBHOOK, { json: { content: 'a' } });
  });

  it('continues to use a webhook when only a message of it does not exist', async () => {
    make([json(UNKNOWN_MESSAGE, 404)]);
    expect(await errorOf(client.delete(`${WEBHOOK}/messages/2`))).toMatchObject({ code: 10_008 });
    await client.post(WEBHOOK, { json: { content: 'a' } });
  });

  it('continues to send follow-ups after a 404', async () => {
    make([json(UNKNOWN_WEBHOOK, 404)]);
    const path = `/webhooks/1/${INTERACTION_TOKEN}`;
    expect(await errorOf(client.post(path, { json: {} }))).toMatchObject({ code: 10_015 });
    await client.post(path, { json: {} });
  });

  it('sends nothing with a token that Discord rejected', async () => {
    make([json({ message: '401: Unauthorized', code: 0 }, 401)]);
    expect(await errorOf(client.get('/users/@me'))).toMatchObject({ name: 'DiscordAPIError', status: 401 });
    const later = await errorOf(client.get('/channels/1'));
    expect(later).toBeInstanceOf(AuthorizationLockedError);
    expect(String(later)).not.toContain('secret');
    await client.post(WEBHOOK, { json: {} });
    await client.get('/channels/1', { auth: 'Bot other' });
    expect(client.buckets.unlock({ authorization: 'Bot secret' })).toBe(true);
    await client.get('/channels/1');
    expect(transport.sent).toHaveLength(4);
  });

  it('passes the limit of invalid requests on to its manager', async () => {
    make([json({}, 403)], { invalidRequests: { limit: 1, onLimit: 'reject' }, webhookLockDuration: 1 });
    await errorOf(client.get('/channels/1'));
    expect(await errorOf(client.get('/channels/1'))).toBeInstanceOf(InvalidRequestLimitError);
    const options = { invalidRequests: new InvalidRequestGuard(), webhookLockDuration: 1 };
    expect(() => new RESTClient({ manager: client.buckets, ...options })).toThrow(
      'invalidRequests, webhookLockDuration',
    );
  });
});

describe('limitedFetch', () => {
  async function answerTo(method: string, path: string, response: Response): Promise<Response> {
    const manager = new RESTBucketManager({ clock });
    return limitedFetch({ manager, fetch: new ScriptedFetch(response).fetch })(`https://a.b/api${path}`, { method });
  }

  it('returns a 404 of a webhook unchanged', async () => {
    const answer = json(UNKNOWN_MESSAGE, 404, { 'x-more': '1' });
    const response = await answerTo('GET', `${WEBHOOK}/messages/2`, answer);
    expect(response).not.toBe(answer);
    expect([response.status, response.headers.get('x-more'), await response.json()]).toEqual([
      404,
      '1',
      UNKNOWN_MESSAGE,
    ]);
  });

  it.each([
    ['a follow-up', `/webhooks/1/${INTERACTION_TOKEN}`],
    ['any other route', '/channels/1'],
  ])('does not read the 404 of %s', async (_, path) => {
    const answer = json(UNKNOWN_WEBHOOK, 404);
    expect(await answerTo('GET', path, answer)).toBe(answer);
    expect(answer.bodyUsed).toBe(false);
  });

  it('treats a 404 whose body is cut off as one without a body', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) });
    const response = await answerTo('GET', `${WEBHOOK}/messages/2`, new Response(body, { status: 404 }));
    expect([response.status, await response.text()]).toEqual([404, '']);
  });
});
