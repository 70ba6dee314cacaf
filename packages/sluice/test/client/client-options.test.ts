import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { RESTClientOptions } from '../../src/client/client-options.js';
import { RESTClient } from '../../src/client/rest-client.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { ScriptedFetch } from './scripted-fetch.js';

const TOKEN = 'MTIzNDU2Nzg5.Gabcde.0123456789-_abcdefghijklmnopq';

let manager: RESTBucketManager | undefined;

afterEach(() => manager?.close());

function thrown(options: RESTClientOptions): Error {
  try {
    new RESTClient(options).close();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected an error');
}

describe('options of RESTClient', () => {
  it.each<[string, string]>([
    ['with a prefix', `Bot ${TOKEN}`],
    ['with the other prefix', `Bearer ${TOKEN}`],
    ['with a line break', `${TOKEN}\n`],
    ['with white space', ` ${TOKEN}`],
    ['beyond ASCII', `${TOKEN}é`],
    ['with control characters', `${TOKEN}\0`],
    ['that is empty', ''],
  ])('reject a token %s, without showing it', (_, token) => {
    const error = thrown({ token });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^token /);
    expect(inspect(error)).not.toContain(TOKEN);
  });

  it.each<[string, RESTClientOptions]>([
    ['tokenType', { tokenType: 'bot' as never }],
    ['baseURL', { baseURL: 'discord.com/api' }],
    ['baseURL', { baseURL: 'ftp://discord.com/api' }],
    ['baseURL', { baseURL: 'https://user:pass@discord.com/api' }],
    ['baseURL', { baseURL: 'https://discord.com/api?x' }],
    ['fetch', { fetch: {} as never }],
    ['random', { random: 1 as never }],
    ['userAgent', { userAgent: 'a\nb' }],
    ['userAgent', { userAgent: '' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: Number.NaN }],
    ['retries', { retries: -1 }],
    ['retries', { retries: 1.5 }],
    ['headers', { headers: { 'a b': 'c' } }],
    ['headers', { headers: { Authorization: TOKEN } }],
    ['manager', { manager: {} as never }],
    ['globalLimit', { globalLimit: 0 }],
  ])('name a wrong %s: %j', (name, options) => {
    const error = thrown({ token: TOKEN, ...options });
    expect(error.message).toContain(name);
    expect(inspect(error)).not.toContain(TOKEN);
  });

  it('reject options of the manager together with a manager', () => {
    manager = new RESTBucketManager();
    expect(thrown({ manager, globalLimit: 100, maxQueueSize: 5 }).message).toMatch(/^globalLimit, maxQueueSize: /);
  });

  it.each<RESTClientOptions>([
    { timeout: Number.POSITIVE_INFINITY, retries: Number.POSITIVE_INFINITY },
    { timeout: 0.5, retries: 0 },
    { baseURL: 'http://localhost:8080/api', userAgent: 'x', tokenType: 'Bearer' },
    { token: undefined },
  ])('accept every documented value: %j', (options) => {
    new RESTClient({ token: TOKEN, ...options }).close();
  });

  it('have documented defaults', async () => {
    const { fetch, sent } = new ScriptedFetch();
    using client = new RESTClient({ token: TOKEN, fetch });
    await client.get('/gateway');
    expect([sent[0]?.url, sent[0]?.headers.get('authorization')]).toEqual([
      'https://discord.com/api/v10/gateway',
      `Bot ${TOKEN}`,
    ]);
  });

  it('set the user agent in the form that Discord asks for, with the version of this package', async () => {
    const { fetch, sent } = new ScriptedFetch();
    using client = new RESTClient({ token: TOKEN, fetch });
    await client.get('/gateway');
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(sent[0]?.headers.get('user-agent')).toMatch(/^DiscordBot \(npm:sluice, [\d.]+\)$/);
    expect(sent[0]?.headers.get('user-agent')).toContain(`, ${version})`);
  });

  it('start a manager if none is given, and neither start nor close a given one', () => {
    const own = new RESTClient({ token: TOKEN, maxRateLimit: 5 });
    expect([own.buckets.isStarted, own.buckets.maxRateLimit]).toEqual([true, 5]);
    own.close();
    expect([own.isClosed, own.buckets.isClosed]).toEqual([true, true]);
    manager = new RESTBucketManager();
    const other = new RESTClient({ token: TOKEN, manager });
    other.close();
    expect([other.buckets, manager.isStarted, manager.isClosed]).toEqual([manager, false, false]);
  });
});
