import { beforeEach, describe, expect, it } from 'vitest';
import { type RefusalKind, Route } from '../../src/index.js';
import { answerOf, TRACES, type Trace } from '../fixtures/traces.js';
import { clock, limiter, settle, startClock } from '../rig.js';

beforeEach(() => startClock(0));

/** The path of a trace's route; its observer may have written words around it. */
function routeOf(trace: Trace) {
  const [, method = 'GET', path = '/channels/{id}/messages'] = /^([A-Z]+) (\/\S+)/.exec(trace.route) ?? [];
  return Route.match(method, path.replace(/\{emoji\}/g, '%F0%9F%91%8B').replace(/\{[^}]*\}/g, '123456789012345678'));
}

async function replay(trace: Trace) {
  const manager = limiter({ maxRateLimit: Number.POSITIVE_INFINITY });
  const route = routeOf(trace);
  const kinds: (RefusalKind | undefined)[] = [];
  const start = trace.responses.find(({ t }) => typeof t === 'number')?.t;
  for (const response of trace.responses) {
    if (typeof response.t === 'number')
      await clock.advanceTo(Math.max(clock.now(), (response.t - Number(start)) * 1_000));
    const permit = await Promise.race([manager.acquire(route), clock.runAll().then(() => undefined)]);
    if (permit === undefined) throw new Error('the bucket is stuck');
    kinds.push(permit.complete(answerOf(trace, response))?.kind);
  }
  return { manager, route, kinds, bucket: manager.getBucket(route) };
}

function traceOf(issue: string, index = 0): Trace {
  const trace = TRACES.filter(({ source_url }) => source_url.endsWith(issue))[index];
  if (trace === undefined) throw new Error(`no trace of ${issue}`);
  return trace;
}

describe('header sequences seen in reality', () => {
  it.each(TRACES.map((trace) => [`${trace.source_url} ${trace.route}`, trace] as const))(
    '%s: the bucket knows how long to wait, and goes on afterwards',
    async (_, trace) => {
      const { manager, route, bucket } = await replay(trace);
      const last = trace.responses.at(-1);
      const longest = Math.max(last?.reset_after ?? 0, last?.retry_after ?? 0, 1) * 1_000 + 1_001;
      for (const value of [bucket.limit, bucket.remaining, bucket.resetAt, bucket.period]) expect(value).not.toBeNaN();
      const before = clock.now();
      await settle([manager.acquire(route)]);
      expect(clock.now() - before).toBeLessThanOrEqual(longest);
    },
  );

  it('#1295: a window of 30 per 120 s that counts down is one window, even without X-RateLimit-Reset', async () => {
    const trace = traceOf('/1295');
    const fixed = { ...trace, responses: trace.responses.filter(({ limit }) => limit === 30) };
    const { bucket } = await replay(fixed);
    expect([bucket.limit, bucket.remaining]).toEqual([30, 17]);
    expect(bucket.resetAt).toBeGreaterThan(118_750);
    expect(bucket.resetAt).toBeLessThan(118_760);
  });

  it('#1295: the route alternates between two hashes, and each bucket keeps its own count', async () => {
    const { manager, bucket } = await replay(traceOf('/1295'));
    expect(bucket.remaining).toBe(17);
    const other = [...manager.realHashesToBuckets.values()].find(({ limit }) => limit === 3);
    expect(other).toBeDefined();
  });

  it('#1900: a rename over the sub-limit holds the request, not the channel', async () => {
    const { kinds, bucket } = await replay(traceOf('/1900'));
    expect(kinds).toEqual([undefined, 'sub-limit']);
    expect(bucket.remaining).toBeGreaterThan(0);
  });

  it('#5646: a refusal that names the real bucket moves the route there', async () => {
    const { kinds, bucket } = await replay(traceOf('/5646'));
    expect(kinds).toEqual([undefined, 'bucket']);
    expect(bucket.name).toContain('1d3c67957bcdccc6709861c232df8529');
    expect(bucket.limit).toBe(5);
    expect(bucket.remaining).toBe(0);
  });

  it('#5144: a global refusal holds the authorization for the time in the body, not in the rounded header', async () => {
    const { manager, kinds } = await replay(traceOf('/5144', 1));
    expect(kinds).toEqual(['global']);
    const before = clock.now();
    await settle([manager.acquire(Route.match('GET', '/users/@me'))]);
    expect(clock.now() - before).toBe(661);
  });

  it('#2132: a ban by Cloudflare is recognised by its body', async () => {
    const { kinds } = await replay(traceOf('/2132', 1));
    expect(kinds).toEqual(['cloudflare']);
  });
});
