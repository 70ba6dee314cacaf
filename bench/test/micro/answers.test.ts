import { parseLimits } from 'sluice';
import { describe, expect, it } from 'vitest';
import { BUCKET_HASH, CountingServer, LIMIT } from '../../src/micro/answers.js';

describe('CountingServer', () => {
  it('counts down per bucket within one window', () => {
    const server = new CountingServer(2);
    const [first, second, other] = [server.answer(0), server.answer(0), server.answer(1)];
    expect([first.remaining, second.remaining, other.remaining]).toEqual([LIMIT - 1, LIMIT - 2, LIMIT - 1]);
    expect(second.reset).toBe(first.reset);
  });

  it('says the same over the wire', () => {
    const { known, problems } = parseLimits({ status: 200, headers: new CountingServer().answerAsHeaders() });
    expect(problems).toEqual([]);
    expect(known).toMatchObject({ bucket: BUCKET_HASH, limit: LIMIT, remaining: LIMIT - 1, resetAfter: 3_600_000 });
  });
});
