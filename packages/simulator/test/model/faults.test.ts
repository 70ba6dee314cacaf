import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiscordModel, type ModelConfig } from '../../src/model/discord-model.js';
import type { Fault, FaultRule } from '../../src/model/faults.js';
import { FaultPlan } from '../../src/model/faults.js';

const GET = { method: 'GET', path: '/x' };

function struckPlaces(rules: readonly FaultRule[], count: number, seed?: number): number[] {
  const plan = new FaultPlan(rules, seed);
  return Array.from({ length: count }, (_, index) => (plan.next(GET) === undefined ? 0 : index + 1)).filter(Boolean);
}

describe('a fault strikes', () => {
  test('every n-th request', () => {
    expect(struckPlaces([{ kind: 'drop', every: 3 }], 10)).toEqual([3, 6, 9]);
  });

  test('requests at given places', () => {
    expect(struckPlaces([{ kind: 'drop', at: [7, 1] }], 10)).toEqual([1, 7]);
  });

  test('with a probability, by the seed', () => {
    const rules: FaultRule[] = [{ kind: 'drop', probability: 0.2 }];
    const places = struckPlaces(rules, 2000, 5);
    expect(places.length / 2000).toBeCloseTo(0.2, 1);
    expect(struckPlaces(rules, 2000, 5)).toEqual(places);
    expect(struckPlaces(rules, 2000, 6)).not.toEqual(places);
    expect(struckPlaces([{ kind: 'drop', probability: 0 }], 100)).toEqual([]);
    expect(struckPlaces([{ kind: 'drop', probability: 1 }], 100)).toHaveLength(100);
  });

  test('with its own probability, whatever other faults there are', () => {
    const drop: FaultRule = { kind: 'drop', probability: 0.5 };
    const plan = new FaultPlan([drop, { ...drop, kind: 'stall' }]);
    const kinds = Array.from({ length: 1000 }, () => plan.next(GET)?.kind);
    expect(kinds.filter((kind) => kind === 'stall').length / 1000).toBeCloseTo(0.25, 1);
  });

  test('only requests of its methods and path, and counts no others', () => {
    const plan = new FaultPlan([{ kind: 'stall', at: [2], methods: ['POST'], path: '/channels/{channel}/messages' }]);
    const post = { method: 'POST', path: '/api/v10/channels/1/messages?x=1' };
    const requests = [post, GET, { ...post, method: 'GET' }, { ...post, path: '/channels/1' }, post, post];
    expect(requests.map((request) => plan.next(request))).toEqual([
      ...Array.from({ length: 4 }, () => undefined),
      { kind: 'stall' },
      undefined,
    ]);
  });

  test('unless an earlier one does, which does not change its sequence', () => {
    const plan = new FaultPlan([
      { kind: 'drop', every: 2 },
      { kind: 'slow', every: 3, delay: 5 },
    ]);
    const kinds = Array.from({ length: 6 }, () => plan.next(GET)?.kind);
    expect(kinds).toEqual([undefined, 'drop', 'slow', 'drop', undefined, 'drop']);
  });
});

function modelWith(fault: Fault, config: Partial<ModelConfig> = {}): DiscordModel {
  return new DiscordModel(
    {
      routes: [{ methods: ['GET'], path: '/x', bucket: 'b', limit: 2, period: 1000, window: 'fixed' }],
      globalLimit: null,
      faults: [{ ...fault, at: [1] }],
      ...config,
    },
    { epoch: 0 },
  );
}

describe('the model', () => {
  test.each(['drop', 'reset', 'stall'] as const)(
    'counts the request of a lost response and returns the response: %s',
    (kind) => {
      const model = modelWith({ kind });
      expect(model.receive(GET, 0)).toMatchObject({ status: 200, verdict: 'admitted', fault: { kind } });
      expect(model.receive(GET, 0).headers['x-ratelimit-remaining']).toBe('0');
      expect(model.journal.map(({ fault }) => fault)).toEqual([kind, undefined]);
      expect(model.statistics()).toMatchObject({ arrivals: 2, faults: { [kind]: 1 } });
    },
  );

  test('never sees a request that a fault refuses', () => {
    const model = modelWith({ kind: 'refuse' });
    expect(model.receive(GET, 0)).toMatchObject({ verdict: 'unreached', headers: {}, fault: { kind: 'refuse' } });
    expect(model.journal).toEqual([]);
    expect(model.statistics()).toMatchObject({ arrivals: 0, faults: { refuse: 1 } });
    expect(model.receive(GET, 0).headers['x-ratelimit-remaining']).toBe('1');
  });

  test('says how late a slow response is', () => {
    expect(modelWith({ kind: 'slow', delay: 700 }).receive(GET, 0).fault).toEqual({ kind: 'slow', delay: 700 });
  });

  test('responds with another status, counted and with the state of the bucket', () => {
    const { status, headers, body, verdict } = modelWith({ kind: 'status', status: 503 }).receive(GET, 0);
    expect({ status, verdict, body }).toEqual({
      status: 503,
      verdict: 'admitted',
      body: { message: '503: Service Unavailable', code: 0 },
    });
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '1', 'x-ratelimit-bucket': 'b' });
  });

  test('responds with another status without headers, or without counting', () => {
    const silent = modelWith({ kind: 'status', status: 500, headers: 'none' });
    expect(silent.receive(GET, 0).headers).toEqual({ 'content-type': 'application/json' });
    expect(silent.receive(GET, 0).headers['x-ratelimit-remaining']).toBe('0');
    const uncounted = modelWith({ kind: 'status', status: 500, counted: false });
    expect(uncounted.receive(GET, 0)).toMatchObject({
      verdict: 'failed',
      headers: { 'content-type': 'application/json' },
    });
    expect(uncounted.receive(GET, 0).headers['x-ratelimit-remaining']).toBe('1');
    expect(uncounted.statistics()).toMatchObject({ arrivals: 2, admitted: 1 });
  });

  test("responds with a gateway's page", () => {
    const { status, headers, body } = modelWith({ kind: 'gateway' }).receive(GET, 0);
    expect({ status, headers }).toEqual({ status: 502, headers: { 'content-type': 'text/html; charset=UTF-8' } });
    expect(body).toContain('<h1>502 Bad Gateway</h1>');
    expect(modelWith({ kind: 'gateway', status: 504 }).receive(GET, 0)).toMatchObject({
      status: 504,
      body: expect.stringContaining('504 Gateway Timeout'),
    });
  });

  test('replaces the rate-limit headers, and nothing else, with malformed ones', () => {
    const faults = [{ kind: 'malformed', every: 1 } as const];
    const play = (seed: number) => {
      const model = modelWith({ kind: 'malformed' }, { faults, seed });
      return Array.from({ length: 50 }, () => model.receive(GET, 0));
    };
    for (const { status, headers } of play(3)) {
      expect([200, 429]).toContain(status);
      expect(headers['content-type']).toBe('application/json');
    }
    expect(play(3)).toEqual(play(3));
    expect(play(3)).not.toEqual(play(4));
  });

  test('restarts its faults after a reset', () => {
    const model = modelWith({ kind: 'drop' });
    const kind = () => model.receive(GET, 0).fault?.kind;
    expect([kind(), kind()]).toEqual(['drop', undefined]);
    model.reset();
    expect(kind()).toBe('drop');
  });

  test('counts a response that a fault makes invalid, and not one that it makes valid', () => {
    const invalid = modelWith({ kind: 'status', status: 403 });
    invalid.receive(GET, 0);
    expect(invalid.statistics().invalidRequests).toBe(1);
    const valid = modelWith({ kind: 'drop' }, { faults: [{ kind: 'gateway', every: 1 }] });
    for (let count = 0; count < 3; count += 1) valid.receive(GET, 0);
    expect(valid.statistics()).toMatchObject({ refused: { user: 1 }, invalidRequests: 0 });
  });
});

test('faults of the connection change no verdict and no counter', () => {
  const kinds = fc.constantFrom<Fault>(
    { kind: 'drop' },
    { kind: 'reset' },
    { kind: 'stall' },
    { kind: 'slow', delay: 9 },
  );
  const gaps = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 40 });
  fc.assert(
    fc.property(kinds, gaps, fc.nat(), (fault, waits, seed) => {
      const verdicts = (faults: readonly FaultRule[]) => {
        const model = modelWith(fault, { faults, seed });
        let now = 0;
        return waits.map((wait) => {
          now += wait;
          const { verdict, headers } = model.receive(GET, now);
          return { verdict, headers };
        });
      };
      expect(verdicts([{ ...fault, probability: 0.4 }])).toEqual(verdicts([]));
    }),
  );
});
