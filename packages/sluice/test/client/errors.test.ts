import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../src/client/cause.js';
import { DiscordAPIError, HTTPError } from '../../src/client/errors.js';
import { flattenFieldErrors } from '../../src/client/field-errors.js';
import { transportFailure } from '../../src/client/transport-failure.js';
import { Route } from '../../src/routes/route.js';

const ROUTE = Route.match('POST', '/channels/123/messages');
const TOKEN = 'w'.repeat(68);

const INVALID_FORM = {
  code: 50035,
  message: 'Invalid Form Body',
  errors: {
    _errors: [{ code: 'BASE', message: 'Something is wrong' }],
    content: { _errors: [{ code: 'BASE_TYPE_BAD_LENGTH', message: 'Must be 2000 or fewer in length.' }] },
    embeds: { 0: { fields: { 1: { name: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: 'Required' }] } } } } },
    username: ['An old form'],
  },
};

describe('DiscordAPIError', () => {
  it('says which request failed, and which fields are wrong', () => {
    const error = new DiscordAPIError(ROUTE, { status: 400, body: INVALID_FORM });
    expect(error).toMatchObject({
      name: 'DiscordAPIError',
      status: 400,
      code: 50035,
      method: 'POST',
      route: 'POST /channels/123/messages',
    });
    expect(error.rawError).toBe(INVALID_FORM);
    expect(error.message).toBe(
      [
        'Invalid Form Body (POST /channels/123/messages: status 400, code 50035)',
        '  body: Something is wrong [BASE]',
        '  content: Must be 2000 or fewer in length. [BASE_TYPE_BAD_LENGTH]',
        '  embeds[0].fields[1].name: Required [BASE_TYPE_REQUIRED]',
        '  username: An old form',
      ].join('\n'),
    );
  });

  it.each([
    ['text', 'Not found', 0],
    ['nothing', '', 0],
    ['null', null, 0],
    ['a list', [1], 0],
    ['an OAuth2 error', { error: 'invalid_grant', error_description: 'Expired' }, 'invalid_grant'],
  ])('accepts %s as the body', (_, body, code) => {
    const error = new DiscordAPIError(ROUTE, { status: 404, body });
    expect(error).toMatchObject({ code, rawError: body, errors: [] });
    expect(error.message).toContain('POST /channels/123/messages: status 404');
  });

  it('shows the first twenty fields only', () => {
    const errors = Object.fromEntries(
      Array.from({ length: 25 }, (_, i) => [`f${i}`, { _errors: [{ message: 'no' }] }]),
    );
    const error = new DiscordAPIError(ROUTE, { status: 400, body: { errors } });
    expect(error.errors).toHaveLength(25);
    expect(error.message.split('\n').at(-1)).toBe('  and 5 more');
  });

  it('is recognised by its guard', () => {
    const error = new DiscordAPIError(ROUTE, { status: 404, body: '' });
    expect([DiscordAPIError.is(error), DiscordAPIError.is(new Error('x')), DiscordAPIError.is({})]).toEqual([
      true,
      false,
      false,
    ]);
    expect(HTTPError.is(error)).toBe(false);
  });
});

describe('the message of a DiscordAPIError', () => {
  it.each([
    [{ message: 'Unknown Channel' }, 'Unknown Channel'],
    [{ error: 'invalid_grant', error_description: 'Expired' }, 'Expired'],
    [{ message: '', error_description: '' }, 'Discord rejected the request'],
    [{ message: 5 }, 'Discord rejected the request'],
  ])('begins with the summary of %j', (body, summary) => {
    const { message } = new DiscordAPIError(ROUTE, { status: 400, body });
    expect(message.startsWith(`${summary} (POST /channels/123/messages: status 400`)).toBe(true);
  });

  it('has the codes of exactly the fields that it lists', () => {
    const errors = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, { _errors: [{ code: n }] }]));
    const { message } = new DiscordAPIError(ROUTE, { status: 400, body: { errors } });
    expect(message.split('\n')).toHaveLength(21);
    expect(message.split('\n').at(-1)).toBe('  f19:  [19]');
  });
});

describe('flattenFieldErrors', () => {
  it('writes indices in brackets, and codes as text', () => {
    const leaf = { _errors: [{ code: 5, message: 'no' }] };
    expect(flattenFieldErrors({ 0: leaf, a: { 1: { b: leaf } }, c2: leaf })).toEqual([
      { path: '[0]', code: '5', message: 'no' },
      { path: 'a[1].b', code: '5', message: 'no' },
      { path: 'c2', code: '5', message: 'no' },
    ]);
  });

  it('reads 32 levels', () => {
    const nested = (levels: number) => {
      let errors: unknown = { _errors: [{ message: 'deep' }] };
      for (let level = 1; level < levels; level++) errors = { a: errors };
      return flattenFieldErrors(errors).length;
    };
    expect([nested(32), nested(33)]).toEqual([1, 0]);
  });

  it('ignores values of another form', () => {
    for (const errors of [undefined, null, 'text', 1, { a: 1 }, { _errors: 'no' }, { _errors: [1, null] }]) {
      expect(flattenFieldErrors(errors)).toEqual([]);
    }
  });

  it('accepts any depth', () => {
    let errors: unknown = { _errors: [{ message: 'deep' }] };
    for (let depth = 0; depth < 10_000; depth++) errors = { a: errors };
    expect(flattenFieldErrors(errors)).toEqual([]);
  });
});

function failure(code: string, extra: object = {}): Error {
  return Object.assign(new Error(code), { code }, extra);
}

function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

describe('transportFailure', () => {
  it.each([
    fetchFailed(failure('ECONNREFUSED')),
    fetchFailed(failure('EAI_AGAIN')),
    fetchFailed(failure('UND_ERR_CONNECT_TIMEOUT')),
    fetchFailed(failure('CERT_HAS_EXPIRED')),
    fetchFailed(failure('ETIMEDOUT', { syscall: 'connect' })),
    fetchFailed(new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')])),
    failure('ConnectionRefused'),
    new TypeError('error sending request for url (http://x/): client error (Connect): tcp connect error'),
    new HTTPError(ROUTE, { code: 'UNSENT', problem: 'could not be sent' }),
  ])('recognises a request that was never sent: %s', (error) => {
    expect(transportFailure(error)).toBe('unsent');
  });

  it.each([
    fetchFailed(failure('ECONNRESET', { syscall: 'read' })),
    fetchFailed(failure('UND_ERR_SOCKET')),
    fetchFailed(failure('ETIMEDOUT', { syscall: 'read' })),
    fetchFailed(new AggregateError([failure('ECONNREFUSED'), failure('ECONNRESET')])),
    fetchFailed(new AggregateError([])),
    new TypeError('error sending request for url (http://x/): client error (SendRequest): connection reset'),
    new HTTPError(ROUTE, { code: 'TIMEOUT', problem: 'timed out' }),
    new Error('anything'),
    'a string',
    undefined,
  ])('treats every other error as lost: %s', (error) => {
    expect(transportFailure(error)).toBe('lost');
  });

  it.each([
    [7, 'unsent'],
    [8, 'lost'],
  ])('searches a chain of causes to a bounded depth: %i', (depth, expected) => {
    let error = failure('ECONNREFUSED');
    for (let level = 0; level < depth; level++) error = new Error('wrapped', { cause: error });
    expect(transportFailure(error)).toBe(expected);
  });

  it('recognises a name that could not be resolved by its system call', () => {
    expect(transportFailure(failure('EWHATEVER', { syscall: 'getaddrinfo' }))).toBe('unsent');
  });

  it('stops at a circular chain of causes', () => {
    const error = new Error('a');
    error.cause = error;
    expect(transportFailure(error)).toBe('lost');
  });
});

describe('withoutSecrets', () => {
  it('returns an error without secrets unchanged', () => {
    const cause = fetchFailed(failure('ECONNRESET'));
    expect(withoutSecrets(cause, [TOKEN])).toBe(cause);
    expect(withoutSecrets('text', [TOKEN])).toBe('text');
  });

  it.each([
    new TypeError(`error sending request for url (http://x/webhooks/1/${TOKEN})`),
    failure('ConnectionRefused', { path: `http://x/webhooks/1/${TOKEN}` }),
    fetchFailed(failure('X', { request: { headers: [`Bot ${TOKEN}`] } })),
    `a string with ${TOKEN}`,
  ])('replaces an error with secrets: %#', (cause) => {
    const shown = withoutSecrets(cause, [TOKEN]);
    expect(shown).toBeInstanceOf(Error);
    expect(`${(shown as Error).stack}`).not.toContain(TOKEN);
  });

  it('leaves out a name or code that contains the secret', () => {
    const shown = withoutSecrets(failure(`E_${TOKEN}`), [TOKEN]);
    expect(String(shown)).not.toContain(TOKEN);
    expect((shown as Error).message).toMatch(/^Error: the details contained a secret/);
  });

  it('searches every value of an error, null included', () => {
    const cause = failure('ECONNRESET', { a: null, b: 1, c: { d: [undefined, 'x'] } });
    expect(withoutSecrets(cause, [TOKEN])).toBe(cause);
  });

  it('replaces an error that is too large to search, in which a secret could hide', () => {
    const large = failure('ECONNRESET', { parts: Array.from({ length: 300 }, (_, part) => ({ part })) });
    expect(withoutSecrets(large, [TOKEN])).not.toBe(large);
    const small = failure('ECONNRESET', { parts: Array.from({ length: 50 }, (_, part) => ({ part })) });
    expect(withoutSecrets(small, [TOKEN])).toBe(small);
  });

  it('keeps the code', () => {
    expect(String(withoutSecrets(failure('ConnectionRefused', { path: TOKEN }), [TOKEN]))).toContain(
      'ConnectionRefused',
    );
  });
});
