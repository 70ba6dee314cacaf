import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/coordination/outbox.js';

describe('Outbox', () => {
  it('gives out each report once', () => {
    const outbox = new Outbox();
    expect(outbox.take()).toEqual({});
    outbox.route('GET /a', 'hash');
    outbox.sharing('hash', true, 2);
    outbox.webhook('majors', 500);
    outbox.throttle(100);
    outbox.lock(true);
    const all = {
      routes: [['GET /a', 'hash']],
      sharing: [['hash', true, 2]],
      webhooks: [['majors', 500]],
      throttle: 100,
      lock: true,
    };
    expect(outbox.take()).toEqual(all);
    expect(outbox.take()).toEqual({});
  });

  it('keeps the latest report of one thing, and the longest hold', () => {
    const outbox = new Outbox();
    outbox.route('GET /a', 'first');
    outbox.route('GET /a', 'second');
    outbox.lock(true);
    outbox.lock(false);
    outbox.throttle(900);
    outbox.throttle(100);
    expect(outbox.take()).toEqual({ routes: [['GET /a', 'second']], lock: false, throttle: 900 });
  });

  it('takes back reports that the store did not hear, unless there is a later one', () => {
    const outbox = new Outbox();
    outbox.route('GET /a', 'old');
    outbox.route('GET /b', 'old');
    outbox.sharing('hash', true, 0);
    outbox.webhook('majors', 500);
    outbox.lock(true);
    const taken = outbox.take();
    outbox.route('GET /a', 'new');
    outbox.sharing('hash', false, 1);
    outbox.webhook('majors', 0);
    outbox.lock(false);
    outbox.restore(taken);
    expect(outbox.take()).toEqual({
      routes: [
        ['GET /a', 'new'],
        ['GET /b', 'old'],
      ],
      sharing: [['hash', false, 1]],
      webhooks: [['majors', 0]],
      lock: false,
    });
  });
});
