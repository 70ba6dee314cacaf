import { describe, expect, it } from 'vitest';
import { TOKEN } from '../../src/arena/clients/client.js';
import { FailureTally, lastErrorLine, withoutSecrets } from '../../src/arena/failures.js';

describe('FailureTally', () => {
  it('counts by the name of the error and the status of the response', () => {
    const tally = new FailureTally();
    for (const status of [500, 502, 500]) tally.add(Object.assign(new Error(`No. ${status}`), { status }));
    tally.add(new TypeError('No such host'));
    tally.add('just a string');
    expect(tally.list()).toEqual([
      { kind: 'Error 500', count: 2, sample: 'No. 500' },
      { kind: 'Error 502', count: 1, sample: 'No. 502' },
      { kind: 'TypeError', count: 1, sample: 'No such host' },
      { kind: 'string', count: 1, sample: 'just a string' },
    ]);
  });

  it('finds status and reason where the libraries keep them', () => {
    const tally = new FailureTally();
    tally.add(new Error('Failed', { cause: { ok: false, status: 999, error: 'Possible network issue' } }));
    tally.add(Object.assign(new Error('Turned down'), { res: { statusCode: 403 } }));
    tally.add(new TypeError('fetch failed', { cause: new Error('other side closed') }));
    expect(tally.list().map(({ kind, sample }) => [kind, sample])).toEqual([
      ['Error 999', 'Failed: {"ok":false,"status":999,"error":"Possible network issue"}'],
      ['Error 403', 'Turned down'],
      ['TypeError', 'fetch failed: other side closed'],
    ]);
  });
});

describe('withoutSecrets', () => {
  it('shows no token', () => {
    const webhook = `/webhooks/1000000000000000003/${'w'.repeat(68)}`;
    expect(withoutSecrets(`POST ${webhook} as Bot ${TOKEN}`)).toBe('POST /webhooks/1000000000000000003/… as Bot …');
  });

  it('is one line of a sensible length', () => {
    expect(withoutSecrets('a\n  b')).toBe('a b');
    expect(withoutSecrets('word '.repeat(100))).toHaveLength(160);
  });
});

describe('lastErrorLine', () => {
  it('finds the error in the output of Node', () => {
    const text = '/some/file.js:1\n  throw it;\n  ^\n\nTypeError: it is no function\n    at here\n\nNode.js v20.19.0\n';
    expect(lastErrorLine(text)).toBe('TypeError: it is no function');
  });

  it('falls back to the last line', () => {
    expect(lastErrorLine('one\ntwo\n\n')).toBe('two');
    expect(lastErrorLine('\n')).toBeUndefined();
  });
});
