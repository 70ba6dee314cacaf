// The generic cell rate algorithm in its smallest practical form: one number per bucket, and the server's time. It
// admits or refuses; it learns nothing from responses, keeps no order, and knows no global limit.

/** Microseconds that one request takes from a bucket, and the longest time ahead of now that may be reserved. */
export const INTERVAL = 1;
export const TOLERANCE = 3_600_000_000;

const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`;

/** KEYS: the bucket. ARGV: interval, tolerance. Returns the wait, in microseconds. */
export const GCRA = `${NOW}
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1]
local wait = full - now - ARGV[2]
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0`;

/** KEYS: buckets. ARGV: interval, tolerance, and the number of requests for each bucket. Returns a wait for each. */
export const SHARED_GCRA = `${NOW}
local waits = {}
for place, key in ipairs(KEYS) do
  local full = math.max(tonumber(redis.call('GET', key) or 0), now) + ARGV[1] * ARGV[place + 2]
  local wait = full - now - ARGV[2]
  if wait <= 0 then
    redis.call('SET', key, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
    wait = 0
  end
  waits[place] = wait
end
return waits`;

/** @throws Error when a limiter has held a request although no limit was reached. */
export function verifyGo(wait: unknown): void {
  if (wait !== 0) throw new Error(`The script made a request wait for ${String(wait)} µs`);
}
