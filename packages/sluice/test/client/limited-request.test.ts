import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CancelReason } from '../../src/buckets/rest-bucket.js';
import { BufferedResponse } from '../../src/client/buffered-response.js';
import { type LimitedRequest, sendLimited } from '../../src/client/limited-request.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import { connectionError, errorOf, json, refusal } from './scripted-fetch.js';

const ROUTE = Route.match('POST', '/channels/1/messages');

let clock: VirtualClock;
let manager: RESTBucketManager;
/** How permits ended, in order. */
let ends: string[];

beforeEach(() => {
  clock = new VirtualClock();
  manager = new RESTBucketManager({ clock });
  ends = [];
  const acquire = manager.acquire.bind(manager);
  vi.spyOn(manager, 'acquire').mockImplementation(async (...parameters) => {
    const permit = await acquire(...parameters);
    const { complete, cancel } = permit;
    permit.complete = (source) => {
      ends.push('complete');
      return complete.call(permit, source);
    };
    permit.cancel = (reason?: CancelReason) => {
      ends.push(String(reason));
      cancel.call(permit, reason);
    };
    return permit;
  });
});

function send(steps: (() => Promise<Response>)[], options: Partial<LimitedRequest> = {}): Promise<BufferedResponse> {
  return sendLimited(manager, {
    route: ROUTE,
    acquire: {},
    signal: undefined,
    isRepeatable: true,
    send: async () =>
      new BufferedResponse(await (steps.shift()?.() ?? Promise.reject(new Error('The script has no more steps')))),
    ...options,
  });
}

function inFlight(): number {
  return manager.getBucket(ROUTE).inFlight;
}

describe('sendLimited', () => {
  it('completes the permit with the headers, before the body is read', async () => {
    const answer = await send([async () => json({ id: '1' })]);
    expect([ends, inFlight()]).toEqual([['complete'], 0]);
    expect(JSON.parse(await answer.text())).toEqual({ id: '1' });
  });

  it('sends a refused request again when the limiter allows it', async () => {
    const sent: number[] = [];
    const record = (response: Response) => async () => {
      sent.push(clock.now());
      return response;
    };
    const done = send([record(refusal(2)), record(refusal(0.5)), record(json({}))]);
    await clock.advance(10_000);
    expect((await done).status).toBe(200);
    expect(sent.map((at) => Math.floor(at / 10) * 10)).toEqual([0, 2_000, 2_500]);
    expect(inFlight()).toBe(0);
  });

  it('returns a refusal that cannot be repeated, including its body', async () => {
    const answer = await send([async () => refusal(2)], { isRepeatable: false });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    expect(JSON.parse(await answer.text())).toMatchObject({ retry_after: 2 });
    expect(ends).toEqual(['complete']);
  });

  it('learns from the headers of a refusal whose body is cut off', async () => {
    const { status, headers } = refusal(3);
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) });
    const done = send([async () => new Response(body, { status, headers }), async () => json({})]);
    await clock.advance(3_000);
    expect([ends, inFlight()]).toEqual([['complete'], 0]);
    await clock.advance(10);
    expect((await done).status).toBe(200);
  });

  it.each<[string, CancelReason]>([
    ['ECONNREFUSED', 'unsent'],
    ['ECONNRESET', 'lost'],
  ])('cancels the permit after %s as %s', async (code, reason) => {
    const error = connectionError(code);
    expect(await errorOf(send([() => Promise.reject(error)]))).toBe(error);
    expect([ends, inFlight()]).toEqual([[reason], 0]);
  });

  it('frees the slot when a transport resolves without a response', async () => {
    expect(await errorOf(send([async () => undefined as never]))).toBeInstanceOf(TypeError);
    expect([ends, inFlight()]).toEqual([['lost'], 0]);
  });

  it('abandons the permit when its caller gives up', async () => {
    const controller = new AbortController();
    const reason = { gave: 'up' };
    const send1 = () =>
      new Promise<Response>((_, reject) => controller.signal.addEventListener('abort', () => reject(reason)));
    const done = errorOf(send([send1], { signal: controller.signal }));
    await clock.advance(1);
    controller.abort(reason);
    expect(await done).toBe(reason);
    expect(ends).toEqual(['abandoned']);
  });

  it('sends nothing when the signal aborts between permit and sending', async () => {
    const controller = new AbortController();
    const send1 = vi.fn();
    const done = errorOf(send([send1], { signal: controller.signal }));
    controller.abort('at once');
    expect(await done).toBe('at once');
    expect([ends, inFlight(), send1.mock.calls.length]).toEqual([['unsent'], 0, 0]);
  });

  it('rejects with the reason when the signal aborts during the wait after a refusal', async () => {
    const controller = new AbortController();
    const done = errorOf(send([async () => refusal(2)], { signal: controller.signal }));
    await clock.advance(1_000);
    controller.abort('later');
    expect(await done).toBe('later');
    expect(clock.pendingTimers).toBe(0);
  });
});
