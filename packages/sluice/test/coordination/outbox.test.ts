import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/coordination/outbox.js';

describe('Outbox', () => {
  it('takes out all there is, once', () => {
    const untold = new Outbox();
    expect(untold.take()).toEqual({});
    untold.route('GET /a', 'hash');
    untold.sharing('hash', true, 2);
    untold.webhook('majors', 500);
    untold.throttle(100);
    untold.lock(true);
    const all = {
      routes: [['GET /a', 'hash']],
      sharing: [['hash', true, 2]],
      webhooks: [['majors', 500]],
      throttle: 100,
      lock: true,
    };
    expect(untold.take()).toEqual(all);
    expect(untold.take()).toEqual({});
  });

  it('keeps the latest of one thing, and the longest hold', () => {
    const untold = new Outbox();
    untold.route('GET /a', 'first');
    untold.route('GET /a', 'second');
    untold.lock(true);
    untold.lock(false);
    untold.throttle(900);
    untold.throttle(100);
    expect(untold.take()).toEqual({ routes: [['GET /a', 'second']], lock: false, throttle: 900 });
  });

  it('puts back what was not heard, unless something later is known', () => {
    const untold = new Outbox();
    untold.route('GET /a', 'old');
    untold.route('GET /b', 'old');
    untold.sharing('hash', true, 0);
    untold.webhook('majors', 500);
    untold.lock(true);
    const taken = untold.take();
    untold.route('GET /a', 'new');
    untold.sharing('hash', false, 1);
    untold.webhook('majors', 0);
    untold.lock(false);
    untold.restore(taken);
    expect(untold.take()).toEqual({
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
